/**
 * Paints a view on a canvas: land where its outline still means something, the grid of place codes, cities, the cells that
 * matter. No streets and no requests: what is drawn is what the device knows.
 */
import { cellOf, centre, geohashOf, metresBetween } from '../geohash.ts';
import type { Cell, Point } from '../geohash.ts';
import { distance } from '../format.ts';
import { cities } from './cities.ts';
import { land } from './land.ts';
import { cellDegrees, cellPx, fromScreen, gridLength, toScreen, worldPx } from './map-view.ts';
import type { View } from './map-view.ts';

export interface Ink {
  readonly paper: string;
  readonly land: string;
  readonly line: string;
  readonly text: string;
  readonly mark: string;
  readonly second: string;
  readonly font: string;
}

export interface Mark {
  readonly geohash: string;
  readonly kind: 'from' | 'to';
  readonly label: string;
}

export interface Drawing {
  readonly view: View;
  readonly ink: Ink;
  readonly marks: readonly Mark[];
  /** Longest place codes in the grid; 0 draws none. */
  readonly longest: number;
  /** A cross in the middle, for the keyboard. */
  readonly cross: boolean;
}

/** Beyond this zoom the 1:110 million outline is off by more than it shows. */
const landUntilZoom = 9;
const gridPx = 30;
const labelPx = 64;
/** Cells smaller than this get a dot instead. */
const leastMark = 12;

export function draw(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { view, ink } = drawing;
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, view.width, view.height);
  if (view.zoom < landUntilZoom) drawLand(context, view, ink);
  if (drawing.longest > 0) drawGrid(context, drawing);
  drawCities(context, view, ink);
  drawMarks(context, drawing);
  if (drawing.cross) drawCross(context, view, ink);
  drawScale(context, view, ink);
}

function drawLand(context: CanvasRenderingContext2D, view: View, ink: Ink): void {
  const world = worldPx(view);
  const left = view.width / 2 - view.x * world;
  const top = view.height / 2 - view.y * world;
  context.beginPath();
  for (const ring of land) {
    context.moveTo(left + ring[0]! * world, top + ring[1]! * world);
    for (let index = 2; index < ring.length; index += 2) {
      context.lineTo(left + ring[index]! * world, top + ring[index + 1]! * world);
    }
    context.closePath();
  }
  context.fillStyle = ink.land;
  context.fill();
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.stroke();
}

function drawGrid(context: CanvasRenderingContext2D, { view, ink, longest }: Drawing): void {
  const length = gridLength(view, gridPx, longest);
  const step = cellDegrees(length);
  const from = fromScreen(view, 0, view.height);
  const to = fromScreen(view, view.width, 0);
  const west = Math.floor((from.lon + 180) / step.lon) * step.lon - 180;
  const south = Math.floor((from.lat + 90) / step.lat) * step.lat - 90;
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let lon = west; lon <= to.lon + step.lon; lon += step.lon) {
    const { x } = toScreen(view, { lat: 0, lon });
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, view.height);
  }
  for (let lat = south; lat <= to.lat + step.lat; lat += step.lat) {
    const { y } = toScreen(view, { lat, lon: 0 });
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(view.width, Math.round(y) + 0.5);
  }
  context.stroke();
  if (cellPx(view, length) < labelPx) return;
  context.fillStyle = ink.text;
  context.font = `11px ${ink.font}`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  for (let lon = west; lon <= to.lon; lon += step.lon) {
    for (let lat = south; lat <= to.lat; lat += step.lat) {
      const corner = toScreen(view, { lat: lat + step.lat, lon });
      const code = geohashOf({ lat: lat + step.lat / 2, lon: lon + step.lon / 2 }, length);
      context.fillText(code, corner.x + 4, corner.y + 4);
    }
  }
}

function drawCities(context: CanvasRenderingContext2D, view: View, ink: Ink): void {
  if (view.zoom < 3.5 || view.zoom > 14) return;
  context.font = `12px ${ink.font}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const city of cities) {
    const { x, y } = toScreen(view, city);
    if (x < -80 || y < 0 || x > view.width || y > view.height) continue;
    context.beginPath();
    context.arc(x, y, 2.5, 0, 2 * Math.PI);
    context.fillStyle = ink.text;
    context.fill();
    context.fillText(city.name, x + 6, y);
  }
}

function drawMarks(context: CanvasRenderingContext2D, { view, ink, marks }: Drawing): void {
  const placed = marks.flatMap((mark) => {
    const cell = cellOf(mark.geohash);
    return cell ? [{ mark, cell, at: toScreen(view, centre(cell)) }] : [];
  });
  const [first, second] = placed;
  if (first && second) {
    context.beginPath();
    context.moveTo(first.at.x, first.at.y);
    context.lineTo(second.at.x, second.at.y);
    context.strokeStyle = ink.mark;
    context.lineWidth = 2;
    context.setLineDash([2, 6]);
    context.stroke();
    context.setLineDash([]);
  }
  for (const { mark, cell, at } of placed) {
    const colour = mark.kind === 'from' ? ink.mark : ink.second;
    const { width, height } = boxOf(view, cell);
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    if (width < leastMark) {
      context.beginPath();
      context.arc(at.x, at.y, leastMark / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.globalAlpha = 0.3;
      context.fillRect(at.x - width / 2, at.y - height / 2, width, height);
      context.globalAlpha = 1;
      context.strokeRect(at.x - width / 2, at.y - height / 2, width, height);
    }
    context.font = `600 13px ${ink.font}`;
    context.textAlign = 'center';
    // One above and one below, so that both can be read where the cells are the same.
    const below = mark.kind === 'to';
    const off = Math.max(height, leastMark) / 2 + 4;
    context.textBaseline = below ? 'top' : 'bottom';
    const y = below ? at.y + off : at.y - off;
    context.lineWidth = 4;
    context.strokeStyle = ink.paper;
    context.strokeText(mark.label, at.x, y);
    context.fillText(mark.label, at.x, y);
  }
}

function drawCross(context: CanvasRenderingContext2D, view: View, ink: Ink): void {
  const [x, y] = [view.width / 2, view.height / 2];
  context.beginPath();
  context.moveTo(x - 9, y);
  context.lineTo(x + 9, y);
  context.moveTo(x, y - 9);
  context.lineTo(x, y + 9);
  context.strokeStyle = ink.mark;
  context.lineWidth = 1.5;
  context.stroke();
}

function drawScale(context: CanvasRenderingContext2D, view: View, ink: Ink): void {
  const y = view.height - 12;
  const metres = metresBetween(fromScreen(view, 0, y), fromScreen(view, 80, y));
  const unit = 10 ** Math.floor(Math.log10(metres));
  const round = [5, 2, 1].map((times) => times * unit).find((length) => length <= metres) ?? unit;
  const px = (round / metres) * 80;
  context.strokeStyle = ink.text;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(12, y - 4);
  context.lineTo(12, y);
  context.lineTo(12 + px, y);
  context.lineTo(12 + px, y - 4);
  context.stroke();
  context.font = `12px ${ink.font}`;
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  context.fillStyle = ink.text;
  context.fillText(distance(round), 16, y - 4);
}

function boxOf(view: View, cell: Cell): { width: number; height: number } {
  const corner = (point: Point) => toScreen(view, point);
  const northWest = corner({ lat: cell.north, lon: cell.west });
  const southEast = corner({ lat: cell.south, lon: cell.east });
  return { width: southEast.x - northWest.x, height: southEast.y - northWest.y };
}

/** The page's own colours, read from its design tokens. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    paper: colour('--surface'),
    land: colour('--sunken'),
    line: colour('--line'),
    text: colour('--muted'),
    mark: colour('--net'),
    second: colour('--money'),
    font: style.fontFamily,
  };
}

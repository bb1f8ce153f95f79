/** The outline of all land, 1:110 million, shipped with the app. Loaded with the map, never from a server of others. */
import { feature } from 'topojson-client';
import type { GeoPermissibleObjects } from 'd3-geo';
import type { Topology } from 'topojson-specification';
import atlas from 'world-atlas/land-110m.json';

// The package ships the JSON without a type.
const topology = atlas as unknown as Topology;
const shape = topology.objects.land;
if (!shape) throw new Error('world-atlas has no land');

export const land: GeoPermissibleObjects = feature(topology, shape);

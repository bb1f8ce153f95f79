/** What somebody looks for among the cases, and how far down: it stays while a case is read or another section visited. */
import type { CaseFilter, CaseOrder } from './cases.ts';

class CaseListView {
  filter: CaseFilter = $state('open');
  order: CaseOrder = $state('danger');
  search = $state('');
  page = $state(0);
}

export const caseView = new CaseListView();

// Package rehearse answers what a scan would miss on given parts: it plants
// defects on copies of photographs of them, scans these batches, and counts.
//
// A trial is one batch. In a rare trial an eighth of the photographs have a
// defect each, of any kind and size, no two alike at one place. In a recurring
// trial one and the same defect is on a share of the photographs. In a harmless
// trial it is a change that is not a defect, and in the first trial nothing is
// planted at all: what is reported there is a false alarm.
//
// A defect is missed if its photograph passes.
package rehearse

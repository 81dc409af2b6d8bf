// Package atomicfile writes files that are either complete or not there.
//
// The bytes go to a temporary file beside the target. Commit flushes it to
// the disk and renames it over the target, which every supported system does
// in one step; until then the target, if it existed, is as it was. Abort, or
// any failed write, removes the temporary file instead. A process that is
// killed leaves at most a hidden file whose name [IsTemp] recognises.
package atomicfile

// Package outdir writes a folder of results all at once: the files are made in a
// new folder beside the old one, and the two change places when all are there.
// A folder that holds files of somebody else is refused, and nothing of the
// user's is deleted. Exclude finds what earlier runs wrote.
package outdir

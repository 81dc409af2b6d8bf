// Package option holds every option of a scan in one table: its name, what it
// does, which values it may have, its default, where it is in Settings, and
// which parts of the program know it (Traits).
//
// Flags, --set NAME=VALUE, TOML files, the options of results.json, the keys
// of kept results, what a snapshot fixes, the options of the API of serve with
// its schema, and docs/options.md are made of the table. A new option is a
// field of Options (or Constants, or Settings) and an entry of the table; what
// is written to files is brought up to date by go generate.
package option

//go:generate go run ./gen

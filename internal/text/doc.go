// Package text makes text fit for a terminal or a spreadsheet: names that cannot move
// the cursor, paragraphs of a width, cells that are not formulas.
package text

// Package text makes text fit for a terminal: names that cannot move the
// cursor, paragraphs of a width.
package text

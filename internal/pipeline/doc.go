// Package pipeline runs a scan from images to a result, step by step: align,
// embed, compare, look for families, filter, score, judge.
package pipeline

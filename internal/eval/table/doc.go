// Package table holds what a benchmark run measured and writes it as tables.
//
// A Document has a Row of figures for each category and method, their means,
// what is known of the defect types (how consistent they are, which families
// were reported) and, for comparison, published figures. Figures are in per
// cent, as the literature gives them; one that is not defined is NaN, null in
// JSON and – in text.
//
// # Means and repeats
//
// A mean is over categories of equal weight. A figure that is not
// defined in a category is left out there, and the mean says over how many
// categories it is. Repeats does the same for runs that differ in their seed,
// and adds the standard deviation of the sample, √(Σ (x − x̄)² / (n − 1)). That
// of a mean over categories is taken over the means of the runs: categories
// that are drawn with one seed are not independent.
//
// # Formats
//
//	terminal  tables of at most 120 columns, wider ones continued below
//	markdown  the same tables
//	csv       the figures, one a line: category,method,source,metric,value,std,reference
//	json      everything
//
// A first table holds the means, the others a row for each category. A cell
// has both methods, MuSc → CoDeGraph, and their difference. The consistency of
// types and the families are in the text formats and in JSON, not in CSV.
//
// # Published figures
//
// The means of three papers on MVTec AD are built in; ReadPublished reads
// a file of others. Select keeps those of the dataset and the backbone at
// hand. They enter no mean: published means are rows of the first table, below
// a rule, those of categories are columns with a heading of their own. All are
// called published and have the number of their source. Where a file gives PRO
// without saying how it was computed, it is taken for the variant of MuSc's
// evaluation code, which the field shares; package metric has both
// definitions.
package table

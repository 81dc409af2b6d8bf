// Package tiled scores large images tile by tile and puts the results of the
// tiles together.
//
// A network sees an image at a few hundred pixels a side. A scratch of ten
// pixels on a board photographed at 4000 is gone by then. Tiles of the
// network's own size keep it: a Layout covers the image with squares that
// overlap by a quarter at least, spread evenly, so that no tile is mostly
// what another one shows.
//
// Detect runs the pipeline on tiles: one run for each place, of the same tile
// of all images, or one run of all tiles of all images. Each run gives an
// outcome by items, which are tile k of image i. The outcome of the batch is
// made of these: maps are blended, and families that are found at several
// places are one.
//
// The map of the whole has cells of the size that the patches of a tile have
// (Layout.Grid). Blend makes each cell the mean of what the tiles over it say
// there, weighted by how far inside each tile it lies: at the border of a tile
// its weight has fallen to nothing, and there is no seam.
package tiled

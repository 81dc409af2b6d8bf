// Package tile divides large images into overlapping tiles and puts the maps
// of the tiles together again.
//
// A network sees an image at a few hundred pixels a side. A scratch of ten
// pixels on a board photographed at 4000 is gone by then. Tiles of the
// network's own size keep it: a Layout covers the image with squares that
// overlap by a quarter at least, spread evenly, so that no tile is mostly
// what another one shows.
//
// The map of the whole has cells of the size that the patches of a tile have
// (Layout.Grid). Blend makes each cell the mean of what the tiles over it say
// there, weighted by how far inside each tile it lies: at the border of a tile
// its weight has fallen to nothing, and there is no seam.
package tile

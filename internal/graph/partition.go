package graph

// Partition gives each node its community: labels 0, 1, … by first
// appearance.
type Partition []int

// Communities lists the nodes of each community, ascending.
func (p Partition) Communities() [][]int {
	var all [][]int
	for i, c := range p {
		for len(all) <= c {
			all = append(all, nil)
		}
		all[c] = append(all[c], i)
	}
	return all
}

// canonical renumbers labels by first appearance.
func canonical(labels []int) Partition {
	next := make(map[int]int)
	p := make(Partition, len(labels))
	for i, l := range labels {
		c, ok := next[l]
		if !ok {
			c = len(next)
			next[l] = c
		}
		p[i] = c
	}
	return p
}

// CPM is the quality Σ_c (w_c − γ n_c(n_c−1)/2) of a partition; loops count
// once. leidenalg's CPMVertexPartition reports twice this number for a graph
// without loops.
func (g *Graph) CPM(p Partition, gamma float64) float64 {
	var q float64
	n := make([]float64, len(p))
	for i, c := range p {
		n[c] += g.size[i]
		q += g.self[i]
		to, w := g.row(i)
		for k, j := range to {
			if j < i && p[j] == c {
				q += w[k]
			}
		}
	}
	for _, n := range n {
		q -= gamma * n * (n - 1) / 2
	}
	return q
}

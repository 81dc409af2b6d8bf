module codegraph/internal/gemm/gen

go 1.26.0

require (
	codegraph/internal/knn/gen v0.0.0
	github.com/mmcloughlin/avo v0.5.0
)

replace codegraph/internal/knn/gen => ../../knn/_gen

require (
	golang.org/x/mod v0.6.0 // indirect
	golang.org/x/sys v0.1.0 // indirect
	golang.org/x/tools v0.2.0 // indirect
)

package table_test

import (
	"fmt"
	"os"

	"codegraph/internal/eval/table"
)

func Example() {
	row := func(method string, auroc, ap table.Percent) table.Row {
		r := table.Row{Category: "cable", Method: method, Figures: table.Undefined()}
		r.ImageAUROC, r.ImageAP = auroc, ap
		return r
	}
	var runs table.Repeats
	for _, run := range [][]table.Row{
		{row(table.MuSc, 98.9, 99.4), row(table.CoDeGraph, 99.3, 99.7)},
		{row(table.MuSc, 99.1, 99.4), row(table.CoDeGraph, 99.5, 99.8)},
	} {
		if err := runs.Add(run); err != nil {
			fmt.Println(err)
			return
		}
	}
	doc := table.Document{
		Dataset:  "MVTec AD",
		Backbone: table.Backbone{Name: "dinov2-large"},
		Protocol: table.Protocol{Size: "518 × 518", Subset: 80, Repeats: 2},
		Results:  runs.Rows(),
		Mean:     runs.Means(),
	}
	if err := table.Write(os.Stdout, &doc, table.Options{Format: table.Terminal}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// MVTec AD, dinov2-large
	// pixels judged at 518 × 518, 80 images of each category, 2 repeats (± is the standard deviation), seed 0
	//
	// Means over categories (1), per cent
	//
	//             image level                 pixel level
	//                  AUROC  F1          AP  AUROC  F1  AP  PRO  MuSc's PRO
	// MuSc        99.00±0.14   –  99.40±0.00      –   –   –    –           –
	// CoDeGraph   99.40±0.14   –  99.75±0.07      –   –   –    –           –
	// difference       +0.40   –       +0.35      –   –   –    –           –
	//
	// Image level, per cent: MuSc → CoDeGraph (difference)
	//
	// category                             AUROC  F1                               AP
	// cable      99.00±0.14 → 99.40±0.14 (+0.40)   –  99.40±0.00 → 99.75±0.07 (+0.35)
	// ───────────────────────────────────────────────────────────────────────────────
	// mean of 1  99.00±0.14 → 99.40±0.14 (+0.40)   –  99.40±0.00 → 99.75±0.07 (+0.35)
}

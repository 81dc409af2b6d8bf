// Command families tries the rule for families on many batches at once. It
// keeps the distances of each batch in a file, so that fifty take minutes.
//
//	go run ./bench/families folder -out tables washer/34/10/12/0/4/256 ../shared/data/metal_nut
//	go run ./bench/families beds -out tables -split tuning -every 2
//	go run ./bench/families try tables/*.tab
//	go run ./bench/families vary tables/*.tab
//
// A rendered batch is named kind/good/rare/recurring/variant share/seed/side. Try
// lists the families of each batch and the groups that are not an accident, vary
// how many outcomes change if a constant is halved or doubled.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	commands := map[string]func(context.Context, []string) error{"folder": collect, "beds": collectBeds, "try": try, "vary": vary}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		log.Fatal("usage: families folder|beds|try|vary …")
	}
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		log.Fatal(fmt.Errorf("families: %w", err))
	}
}

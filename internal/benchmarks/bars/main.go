// Command bars measures the SDK against the plain libraries wired by hand, in
// one run on one machine, and holds the ratios to their bars. It prints one
// line a bar and fails if one is missed.
//
//	go run ./bars            all bars
//	go run ./bars middleware those with the word in their name
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// rounds is how often each side is measured. The sides take turns, so that a
// busy neighbour hits both, and the medians are compared.
const rounds = 7

// bar holds what the SDK costs to a multiple of what it is compared with.
type bar struct {
	name string
	most float64
	// allocations is how many more than the other side's are allowed; -1 is any.
	allocations int64
	sdk, other  func(*testing.B)
}

func main() {
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	failed := false
	for _, b := range bars() {
		if strings.Contains(b.name, only) {
			failed = !b.measure() || failed
		}
	}
	if only == "" {
		for _, absolute := range []func() bool{measureHistogramMemory, measureStart} {
			failed = !absolute() || failed
		}
	}
	if failed {
		os.Exit(1)
	}
}

func bars() []bar {
	return []bar{
		{"typed counter / atomic add", 2.5, 0, benchmarkTypedCounter, benchmarkAtomic},
		{"middleware, light / promhttp chain", 0.6, -1, serve(light(false)), serve(promhttpChain())},
		{"middleware, default with access log / by hand", 0.9, -1, serve(full()), serve(byHand())},
		{"middleware, light with access log / by hand", 0.4, -1, serve(light(true)), serve(byHand())},
		{"middleware, disabled / bare handler", 1.05, 0, serve(disabled()), serve(bare())},
		{"scrape of 10 000 series / plain exporter", 1.1, -1, benchmarkScrape(sdkSeries()), benchmarkScrape(plainSeries())},
	}
}

func (b bar) measure() bool {
	var sdk, other []float64
	var sdkAllocations, otherAllocations int64
	for range rounds {
		r := testing.Benchmark(b.sdk)
		sdk, sdkAllocations = append(sdk, perOp(r)), r.AllocsPerOp()
		r = testing.Benchmark(b.other)
		other, otherAllocations = append(other, perOp(r)), r.AllocsPerOp()
	}
	ratio := median(sdk) / median(other)
	ok := ratio <= b.most && (b.allocations < 0 || sdkAllocations <= otherAllocations+b.allocations)
	verdict(ok, "%-48s %6.2f x (bar %.2f)   %9.1f ns %3d allocs / %9.1f ns %3d allocs",
		b.name, ratio, b.most, median(sdk), sdkAllocations, median(other), otherAllocations)
	return ok
}

func perOp(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func verdict(ok bool, format string, args ...any) {
	word := "ok    "
	if !ok {
		word = "MISSED"
	}
	fmt.Printf(word+" "+format+"\n", args...)
}

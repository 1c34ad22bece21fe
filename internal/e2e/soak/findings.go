package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// What the service may grow by between the first half of the cycles and the
// second. A leak of one goroutine or descriptor for each fault, or of 20 bytes
// for each request, is more within ten minutes.
const (
	moreGoroutines  = 10
	moreDescriptors = 10
	moreHeap        = 8 << 20
	// Statuses that a route answers with for the first time make series, and so
	// do losses for a new reason.
	moreSeries = 30
)

// findings are the cycles so far, and what is wrong with them.
type findings struct {
	cycles []measurement
	wrong  []string
}

func (f *findings) add(m measurement) {
	f.cycles = append(f.cycles, m)
	for _, w := range m.wrong {
		f.wrong = append(f.wrong, m.fault+": "+w)
	}
}

// end adds what was found at the end, and what has grown since the cycle that
// warmed the service up.
func (f *findings) end(wrong []string) {
	f.wrong = append(f.wrong, wrong...)
	if len(f.cycles) < 3 {
		f.wrong = append(f.wrong, "too few cycles to see growth")
		return
	}
	for _, g := range f.growth() {
		if g.after > g.before+g.more {
			f.wrong = append(f.wrong, fmt.Sprintf("%s grew from %d to %d", g.name, g.before, g.after))
		}
	}
}

type growth struct {
	name                string
	before, after, more int
}

func (f *findings) growth() []growth {
	warm := f.cycles[1:]
	first, second := warm[:len(warm)/2], warm[len(warm)/2:]
	of := func(name string, more int, value func(measurement) int) growth {
		return growth{name, median(first, value), median(second, value), more}
	}
	return []growth{
		of("goroutines", moreGoroutines, func(m measurement) int { return m.goroutines }),
		of("descriptors", moreDescriptors, func(m measurement) int { return m.descriptors }),
		of("bytes of heap", moreHeap, func(m measurement) int { return m.heap }),
		of("series", moreSeries, func(m measurement) int { return len(m.names) }),
	}
}

func median(of []measurement, value func(measurement) int) int {
	var all []int
	for _, m := range of {
		all = append(all, value(m))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (f *findings) err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(f.wrong, "\n      "))
}

// report is Markdown.
func (f *findings) report(took time.Duration) string {
	var b strings.Builder
	total := 0
	for _, m := range f.cycles {
		total += m.cycleRequests
	}
	verdict := "nothing grew and nothing was lost uncounted."
	if len(f.wrong) > 0 {
		verdict = "**failed.**"
	}
	fmt.Fprintf(&b, "%s, %s/%s, %s, %d CPUs: %d requests in %d cycles, %s; %s\n\n", time.Now().UTC().Format(time.DateOnly),
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), total, len(f.cycles), took.Round(time.Second), verdict)
	b.WriteString("| cycle | requests | goroutines | descriptors | heap, MiB | series | scrape, kB | lines, spans, records counted as lost |\n|---|---|---|---|---|---|---|---|\n")
	for _, m := range f.cycles {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %.1f | %d | %d | %d, %d, %d |\n", m.fault, m.cycleRequests, m.goroutines, m.descriptors,
			mebibytes(m.heap), len(m.names), m.bytes/1000, m.lostLines, m.lostSpans, m.lostRecords)
	}
	if len(f.cycles) >= 3 {
		b.WriteString("\n| median | first half | second half | allowed |\n|---|---|---|---|\n")
		for _, g := range f.growth() {
			fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", g.name, g.before, g.after, g.before+g.more)
		}
	}
	for _, w := range f.wrong {
		fmt.Fprintf(&b, "\n- %s", w)
	}
	return b.String()
}

// insert replaces what is between the markers of a file.
func insert(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(old), "<!-- soak -->\n")
	_, after, closed := strings.Cut(rest, "<!-- /soak -->")
	if !found || !closed {
		return fmt.Errorf("%s has no lines <!-- soak --> and <!-- /soak -->", file)
	}
	return os.WriteFile(file, []byte(before+"<!-- soak -->\n"+text+"<!-- /soak -->"+after), 0o644)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	var (
		binary = flag.String("binary", "../../bin/tutorflow", "`path` of the example service")
		total  = flag.Duration("for", 10*time.Minute, "how `long` to go on")
		report = flag.String("report", "", "`file` that takes the report, between the lines <!-- soak --> and <!-- /soak -->")
	)
	flag.Parse()
	if err := run(context.Background(), *binary, *total, *report); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, total time.Duration, file string) (err error) {
	folder, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := start(ctx, binary, folder)
	if err != nil {
		return err
	}
	defer s.kill()

	begin := time.Now()
	found := &findings{}
	length := min(max(total/25, 8*time.Second), 20*time.Second)
	for _, f := range plan(total, length) {
		m, err := s.cycle(ctx, f, length)
		if err != nil {
			return fmt.Errorf("cycle %q: %w", f.name, err)
		}
		found.add(m)
		fmt.Println(m)
	}
	found.end(s.finish(ctx))
	text := found.report(time.Since(begin))
	fmt.Print("\n", text)
	if file != "" {
		if err := insert(file, text); err != nil {
			return err
		}
	}
	return found.err()
}

// plan is what goes wrong in which cycle: nothing at first, then one fault after
// the other, and all at once at the end.
func plan(total, cycle time.Duration) []fault {
	all := faults()
	cycles := []fault{{name: "none, to warm up"}}
	for i := range max(2, int(total/(cycle+rest))-2) {
		cycles = append(cycles, all[i%len(all)])
	}
	return append(cycles, together(all))
}

// rest is how long the service takes at least to come to rest and be measured.
const rest = 3 * time.Second

// cycle drives the service, with the fault for half of the time, and measures
// it at rest.
func (s *soak) cycle(ctx context.Context, f fault, d time.Duration) (measurement, error) {
	s.load.start(ctx, s.service.url)
	time.Sleep(d / 4)
	end := f.start(s)
	time.Sleep(d / 2)
	err := end()
	time.Sleep(d / 4)
	s.load.stop()
	if err != nil {
		return measurement{}, err
	}
	return s.measure(f.name)
}

package comparison_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// sample is one line of a scrape.
type sample struct {
	name string
	// labels are those of the line, as they stand there.
	labels string
	value  float64
}

// has reports whether each of texts stands in the labels.
func (s sample) has(texts ...string) bool {
	for _, text := range texts {
		if !strings.Contains(s.labels, text) {
			return false
		}
	}
	return true
}

func samples(text string) (all []sample) {
	for line := range strings.Lines(text) {
		at := strings.LastIndexByte(line, ' ')
		if line[0] == '#' || at < 0 {
			continue
		}
		name, labels, _ := strings.Cut(line[:at], "{")
		if value, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64); err == nil {
			all = append(all, sample{name, labels, value})
		}
	}
	return all
}

// scraped are the samples of a scrape that must succeed.
func (r *running) scraped() []sample {
	r.t.Helper()
	status, body := r.scrape()
	if status != http.StatusOK {
		r.t.Fatalf("the scrape answers %d", status)
	}
	return samples(body)
}

// sum adds up the samples of name whose labels have texts, and counts them.
func sum(all []sample, name string, texts ...string) (total float64, found int) {
	for _, s := range all {
		if s.name == name && s.has(texts...) {
			total += s.value
			found++
		}
	}
	return total, found
}

// lost adds up what the service's own metrics say was lost, of whatever kind
// they are that have texts among their labels.
func lost(all []sample, texts ...string) (total float64) {
	for _, s := range all {
		if strings.HasSuffix(s.name, "dropped_total") && s.has(texts...) {
			total += s.value
		}
	}
	return total
}

func TestSamplesAreReadFromAScrape(t *testing.T) {
	const text = "# HELP a_dropped_total A\na_dropped_total{signal=\"traces\",x=\"a b\"} 3\nb 2.5\n\nb{c=\"d\"} NaN\n"
	all := samples(text)
	if got, want := fmt.Sprint(all), `[{a_dropped_total signal="traces",x="a b"} 3} {b  2.5} {b c="d"} NaN}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if total, found := sum(all, "b"); found != 2 || total == total {
		t.Errorf("the sum of %d is %v", found, total)
	}
	if lost(all, `signal="traces"`) != 3 || lost(all, `signal="logs"`) != 0 {
		t.Error("losses are not added up")
	}
}

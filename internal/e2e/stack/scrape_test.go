package stack_test

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// family is a metric as a scrape shows it. The values of a series are by their
// names: "value", "sum", "count", "le 0.5", "quantile 0.5".
type family struct {
	Type, Help string
	Series     map[string]map[string]float64
}

// The differences that are there for a reason. All else is the same.
var (
	// scrapeOnly metrics are of the handler that answers a scrape.
	scrapeOnly = []string{"promhttp_"}
	// moving metrics never have the same value twice: the process lives, health
	// checks run and exports go on, and the scrape is a request itself.
	moving = []string{
		"go_", "process_", "tutorflow_telemetry_", "tutorflow_health_check_duration_seconds",
		"tutorflow_http_requests_active",
	}
	// movingSeries are the requests of the comparison itself.
	movingSeries = []string{`endpoint="/metrics"`, `http_route="/metrics"`}
	// identity is what the collector adds to each series.
	identity = []string{"job", "instance"}
)

// scrape reads the metrics at url, without what may differ. target holds the
// labels of target_info.
func scrape(t *testing.T, url string) (families map[string]family, target map[string]string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	read, err := parser.TextToMetricFamilies(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("scrape %s: %s, %v", url, response.Status, err)
	}
	families = map[string]family{}
	for name, f := range read {
		switch {
		case name == "target_info":
			target = targetOf(f)
		case !hasPrefix(name, scrapeOnly):
			families[name] = familyOf(name, f)
		}
	}
	return families, target
}

func familyOf(name string, f *dto.MetricFamily) family {
	result := family{Type: f.GetType().String(), Help: f.GetHelp(), Series: map[string]map[string]float64{}}
	for _, m := range f.GetMetric() {
		labels := labelsOf(m)
		key := fmt.Sprint(labels)
		values := valuesOf(m)
		if hasPrefix(name, moving) || slices.ContainsFunc(movingSeries, func(l string) bool { return slices.Contains(labels, l) }) {
			for value := range values {
				values[value] = 0
			}
		}
		result.Series[key] = values
	}
	return result
}

// labelsOf returns labels like `status="200"`, in order.
func labelsOf(m *dto.Metric) (labels []string) {
	for _, l := range m.GetLabel() {
		if !slices.Contains(identity, l.GetName()) {
			labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
	}
	slices.Sort(labels)
	return labels
}

func valuesOf(m *dto.Metric) map[string]float64 {
	values := map[string]float64{}
	switch {
	case m.GetHistogram() != nil:
		h := m.GetHistogram()
		values["sum"], values["count"] = h.GetSampleSum(), float64(h.GetSampleCount())
		for _, b := range h.GetBucket() {
			values[fmt.Sprint("le ", b.GetUpperBound())] = float64(b.GetCumulativeCount())
		}
	case m.GetSummary() != nil:
		s := m.GetSummary()
		values["sum"], values["count"] = s.GetSampleSum(), float64(s.GetSampleCount())
		for _, q := range s.GetQuantile() {
			values[fmt.Sprint("quantile ", q.GetQuantile())] = q.GetValue()
		}
	default:
		values["value"] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue() // one of them
	}
	return values
}

// targetOf returns the labels of target_info by the names that the resource's
// attributes have on a scrape: the collector tells the service by job and
// instance.
func targetOf(f *dto.MetricFamily) map[string]string {
	target := map[string]string{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			name := l.GetName()
			switch name {
			case "job":
				name = "service_name"
			case "instance":
				name = "service_instance_id"
			}
			target[name] = l.GetValue()
		}
	}
	return target
}

// differences is what the service's scrape and the collector's do not have in
// common. Only the sums of histograms may differ, in the last bits: each reader
// adds concurrent values up in an order of its own.
func differences(service, collector map[string]family) string {
	equal := cmp.Comparer(func(a, b float64) bool {
		return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
	})
	var all strings.Builder
	names := maps.Clone(service)
	maps.Copy(names, collector)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		ofService, here := service[name]
		ofCollector, there := collector[name]
		switch {
		case !there:
			fmt.Fprintf(&all, "%s: only the service has it\n", name)
		case !here:
			fmt.Fprintf(&all, "%s: only the collector has it\n", name)
		default:
			if diff := cmp.Diff(ofService, ofCollector, equal); diff != "" {
				fmt.Fprintf(&all, "%s (-service +collector):\n%.2000s\n", name, diff)
			}
		}
	}
	return all.String()
}

func hasPrefix(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

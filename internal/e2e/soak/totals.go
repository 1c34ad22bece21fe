package main

import (
	"bytes"
	"slices"
	"strings"

	client "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// totals are the sums on one scrape.
type totals struct {
	// served are the requests by method and status, but for those of probes,
	// scrapers, strangers and clients that leave.
	served map[answer]int
	// requests and timed are all but those of probes and scrapers: what has an
	// access line and a span.
	requests, timed int
	// lost are items that the service says it dropped.
	lostLines, lostSpans, lostRecords  int
	bookings, payments, reviews, marks int
	goroutines, descriptors            int
	heap                               int
	names                              []string // of the series that are tutorflow_*, http_* or target_info
	bytes                              int
}

func read(text []byte) (totals, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return totals{}, err
	}
	t := totals{served: make(map[answer]int), bytes: len(text)}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			t.add(name, labels(m), m)
		}
	}
	slices.Sort(t.names)
	return t, nil
}

func labels(m *client.Metric) map[string]string {
	found := make(map[string]string)
	for _, l := range m.GetLabel() {
		found[l.GetName()] = l.GetValue()
	}
	return found
}

func (t *totals) add(name string, l map[string]string, m *client.Metric) {
	if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") && !strings.HasPrefix(name, "promhttp_") {
		id := []string{name}
		for k, v := range l {
			id = append(id, k+"="+v)
		}
		slices.Sort(id[1:])
		t.names = append(t.names, strings.Join(id, " "))
	}
	value := int(m.GetCounter().GetValue() + m.GetGauge().GetValue())
	probe := ofProbe(l)
	switch name {
	case "tutorflow_http_requests_total":
		if probe {
			return
		}
		t.requests += value
		if ofLoad(l) && value > 0 {
			t.served[answer{l["method"], number(l["status"])}] += value
		}
	case "tutorflow_http_request_duration_seconds":
		if !probe {
			t.timed += int(m.GetHistogram().GetSampleCount())
		}
	case "tutorflow_telemetry_log_lines_dropped_total":
		t.lostLines += value
		if l["reason"] == "rate_limited" { // neither written nor exported
			t.lostRecords += value
		}
	case "tutorflow_telemetry_dropped_total":
		switch l["signal"] {
		case "traces":
			t.lostSpans += value
		case "logs":
			t.lostRecords += value
		}
	case "tutorflow_bookings_total":
		if l["status"] == "pending" {
			t.bookings = value
		}
	case "tutorflow_payments_total":
		if l["status"] == "pending" {
			t.payments = value
		}
	case "tutorflow_reviews_total":
		t.reviews = value
	case "tutorflow_attendance_marked_total":
		t.marks += value
	case "go_goroutines":
		t.goroutines = value
	case "process_open_fds":
		t.descriptors = value
	case "go_memstats_heap_alloc_bytes":
		t.heap = value
	}
}

// ofProbe tells of the series of probes and scrapers, which have no access line.
func ofProbe(l map[string]string) bool {
	return l["endpoint"] == "/metrics" || strings.HasPrefix(l["endpoint"], "/health")
}

// ofLoad tells of the series of the load: strangers find no route, and only
// clients that leave send HEAD.
func ofLoad(l map[string]string) bool {
	return !ofProbe(l) && l["endpoint"] != "unmatched" && l["method"] != "HEAD"
}

package main

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	logpb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// measurement is one cycle: what happened in it, and how the service was at
// rest after it.
type measurement struct {
	fault string
	totals
	// requests of the cycle, and what became of their lines and spans.
	cycleRequests, lines, lostLines, spans, lostSpans, records, lostRecords int
	// wrong are counts that do not add up.
	wrong []string
}

func (m measurement) String() string {
	return fmt.Sprintf("%-36s %6d requests, %4d goroutines, %3d descriptors, %5.1f MiB, %4d series, lost %d lines, %d spans, %d records %v",
		m.fault, m.cycleRequests, m.goroutines, m.descriptors, mebibytes(m.heap), len(m.names), m.lostLines, m.lostSpans, m.lostRecords, m.wrong)
}

// measure waits until the service has delivered everything, and compares.
func (s *soak) measure(fault string) (m measurement, err error) {
	// What adds up because of losses may still be on its way in part, so it has to
	// stay the same for longer than the service waits for a batch to fill.
	same := 0
	for deadline := time.Now().Add(patience); same < 4 && time.Now().Before(deadline); time.Sleep(batchDelay) {
		before := m
		if m, err = s.compare(fault); err != nil {
			return m, err
		}
		if len(m.wrong) == 0 && m.lines == before.lines && m.spans == before.spans && m.records == before.records {
			same++
		} else {
			same = 0
		}
	}
	for range 2 { // the second collection frees what the first one finalised
		if _, err := s.get("/debug/pprof/heap?gc=1"); err != nil {
			return m, err
		}
	}
	text, err := s.get("/metrics")
	if err != nil {
		return m, err
	}
	rested, err := read(text)
	m.goroutines, m.descriptors, m.heap, m.names, m.bytes = rested.goroutines, rested.descriptors, rested.heap, rested.names, rested.bytes
	s.last = rested
	s.service.requests.Add(-int64(m.lines))
	s.collector.Forget()
	return m, err
}

// compare looks once at what the service says and at what happened.
func (s *soak) compare(fault string) (measurement, error) {
	text, err := s.get("/metrics")
	if err != nil {
		return measurement{}, err
	}
	now, err := read(text)
	if err != nil {
		return measurement{}, err
	}
	m := measurement{
		fault: fault, totals: now, cycleRequests: now.requests - s.last.requests,
		lines: int(s.service.requests.Load()), lostLines: now.lostLines - s.last.lostLines,
		spans: serverSpans(s.collector.Spans()), lostSpans: now.lostSpans - s.last.lostSpans,
		records: accessRecords(s.collector.LogRecords()), lostRecords: now.lostRecords - s.last.lostRecords,
	}
	answers, failed := s.load.seen()
	if failed > 0 {
		m.fail("%d requests of the load had no answer", failed)
	}
	if !maps.Equal(answers, now.served) {
		m.fail("the clients got %v, the service counted %v", answers, now.served)
	}
	if now.requests != now.timed {
		m.fail("%d requests are counted and %d timed", now.requests, now.timed)
	}
	for _, kind := range []struct {
		name            string
		delivered, lost int
	}{{"access lines", m.lines, m.lostLines}, {"server spans", m.spans, m.lostSpans}, {"access records", m.records, m.lostRecords}} {
		if kind.delivered > m.cycleRequests || kind.delivered+kind.lost < m.cycleRequests {
			m.fail("%d requests gave %d %s, and %d are counted as lost", m.cycleRequests, kind.delivered, kind.name, kind.lost)
		}
	}
	all := func(map[string]string) bool { return true }
	if pushed := s.pushed(all); pushed < now.requests { // it has those of probes, too
		m.fail("%d requests on the scrape are %d at the collector", now.requests, pushed)
	}
	return m, nil
}

func (m *measurement) fail(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// pushed is how many requests the last export has, of the series that of tells of.
func (s *soak) pushed(of func(labels map[string]string) bool) (sum int) {
	series := make(map[string]int)
	for _, p := range s.collector.Points() {
		if p.Metric.GetName() == "tutorflow_http_requests_total" && of(p.Labels) {
			series[fmt.Sprint(p.Labels)] = int(p.Value)
		}
	}
	for _, value := range series {
		sum += value
	}
	return sum
}

// serverSpans counts the requests, once each: a span may come again when the
// answer to its export was lost.
func serverSpans(spans []*tracepb.Span) int {
	seen := make(map[string]bool)
	for _, s := range spans {
		if s.GetKind() == tracepb.Span_SPAN_KIND_SERVER {
			seen[string(s.GetSpanId())] = true
		}
	}
	return len(seen)
}

// accessRecords counts the access lines, once each. Each request has a span, but
// strangers may choose the same id for two.
func accessRecords(records []*logpb.LogRecord) int {
	seen := make(map[string]bool)
	for _, r := range records {
		for _, a := range r.GetAttributes() {
			if a.GetKey() == "http_status" {
				seen[string(r.GetSpanId())] = true
			}
		}
	}
	return len(seen)
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // a status is a number
	return n
}

func mebibytes(n int) float64 { return float64(n) / (1 << 20) }

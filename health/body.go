package health

import (
	"math"
	"time"
)

// The types below are the responses. The order of their fields is the order of the keys.

type healthBody struct {
	Status    Status `json:"status"`
	Timestamp string `json:"timestamp"`
	Version   string `json:"version"`
}

type detailedBody struct {
	healthBody
	Components map[string]any `json:"components"`
	System     systemBody     `json:"system"`
}

type probeBody struct {
	Status    Status `json:"status"`
	Timestamp string `json:"timestamp"`
	Reason    string `json:"reason,omitempty"`
}

type databaseBody struct {
	Database  databaseState `json:"database"`
	Timestamp string        `json:"timestamp"`
}

type databaseState struct {
	Status    Status  `json:"status"`
	LatencyMS float64 `json:"latency_ms"`
	Reason    Reason  `json:"reason,omitempty"`
}

type errorBody struct {
	Error     string `json:"error"`
	Timestamp string `json:"timestamp"`
}

// component is a check in the detailed body. LastChecked is null before the first result.
type component struct {
	Status      Status  `json:"status"`
	LatencyMS   float64 `json:"latency_ms"`
	LastChecked *string `json:"last_checked"`
	Reason      Reason  `json:"reason,omitempty"`
}

// timestamp is RFC 3339 in UTC, always with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// milliseconds keeps three decimals, which is a microsecond.
func milliseconds(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// newComponent shows a result. The time of the last run is its age before now: a wall
// clock that was set in between cannot bring the two apart.
func newComponent(res result, now time.Time) component {
	comp := component{Status: res.status, LatencyMS: milliseconds(res.latency), Reason: res.reason}
	if !res.at.IsZero() {
		checked := timestamp(now.Add(-time.Since(res.at)))
		comp.LastChecked = &checked
	}
	return comp
}

// components is every check under its place. With several databases, database is the worst
// of them and databases holds each by name.
func (c *Checker) components(results []result, now time.Time) map[string]any {
	external := make(map[string]component)
	databases := make(map[string]component)
	all := map[string]any{"external_services": external}
	for i, r := range c.runners {
		comp := newComponent(results[i], now)
		switch r.check.Kind {
		case KindExternalService:
			external[r.check.Name] = comp
		case KindDatabase:
			databases[r.check.Name] = comp
			if worst, ok := all["database"].(component); !ok || severity(comp.Status) > severity(worst.Status) {
				all["database"] = comp
			}
		default:
			all[r.check.Name] = comp
		}
	}
	if len(databases) > 1 {
		all["databases"] = databases
	}
	return all
}

// database is the worst result of the database checks, the first of them when several are
// equally bad. It reports false when there is no such check.
func (c *Checker) database() (worst result, ok bool) {
	for _, r := range c.runners {
		if r.check.Kind != KindDatabase {
			continue
		}
		if res := r.current(); !ok || severity(res.status) > severity(worst.status) {
			worst, ok = res, true
		}
	}
	return worst, ok
}

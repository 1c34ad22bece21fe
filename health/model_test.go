package health_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

// model is what the thresholds promise, in as few words as possible: the status
// changes to that of a run when it and enough runs before it were all worse, or
// all better, than what is shown.
type model struct {
	failures, successes int
	shown               byte // h, d or u
	row                 string
}

const ranks = "hdu" // from the best to the worst

func (m *model) run(outcome byte) (from byte, changed bool) {
	rank := func(b byte) int { return strings.IndexByte(ranks, b) }
	from = m.shown
	direction, need := "worse", m.failures
	switch {
	case from == 0:
		m.shown = outcome
		return 0, outcome != 'h'
	case rank(outcome) == rank(from):
		m.row = ""
		return from, false
	case rank(outcome) < rank(from):
		direction, need = "better", m.successes
	}
	if !strings.HasPrefix(m.row, direction) {
		m.row = direction
	}
	m.row += "+"
	if strings.Count(m.row, "+") < need {
		return from, false
	}
	m.shown, m.row = outcome, ""
	return from, true
}

// TestFlappingFollowsAModel runs random scripts, mostly of results that flap.
// What is shown after each run and each line of the log are the model's.
func TestFlappingFollowsAModel(t *testing.T) {
	runs := map[byte]func(context.Context) error{'h': passes, 'd': degrades, 'u': fails}
	names := map[byte]string{'h': "healthy", 'd': "degraded", 'u': "unhealthy"}
	levels := map[byte]string{'h': "INFO", 'd': "WARN", 'u': "ERROR"}
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 9))
			m := model{failures: 1 + random.IntN(4), successes: 1 + random.IntN(4)}
			f := newFake(passes)
			var script, got, want, lines, logged strings.Builder
			var log logBuffer
			next := func() byte {
				outcome := ranks[random.IntN(len(ranks))]
				if s := script.String(); s != "" && random.IntN(2) == 0 {
					outcome = s[len(s)-1]
				}
				script.WriteByte(outcome)
				f.become(runs[outcome])
				return outcome
			}
			outcome := next()
			h := start(t, health.WithLogger(log.logger()), health.Check{Name: "cache", Run: f.Run, Interval: time.Second}.
				With(health.Thresholds(m.failures, m.successes))).Handler()
			for i := range 60 {
				if i > 0 {
					outcome = next()
					time.Sleep(time.Second)
				}
				synctest.Wait()
				if from, changed := m.run(outcome); changed {
					fmt.Fprintf(&lines, `level=%s msg="health check changed" check=cache status=%s`, levels[outcome], names[outcome])
					if from != 0 {
						fmt.Fprintf(&lines, " previous_status=%s", names[from])
					}
					lines.WriteByte('\n')
				}
				want.WriteByte(m.shown)
				got.WriteByte(strings.TrimPrefix(probe(h, "/health").Body.String(), `{"status":"`)[0])
			}
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("seed %d, thresholds %d and %d, script %s (-want +got):\n%s", seed, m.failures, m.successes, script.String(), diff)
			}
			for line := range strings.Lines(log.String()) {
				line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " reason=")
				logged.WriteString(line + "\n")
			}
			if diff := cmp.Diff(lines.String(), logged.String()); diff != "" {
				t.Errorf("seed %d, thresholds %d and %d, script %s: log (-want +got):\n%s", seed, m.failures, m.successes, script.String(), diff)
			}
		})
	}
}

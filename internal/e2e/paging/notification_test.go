package paging_test

import (
	"slices"
	"testing"
	"time"
)

// brief is how long a group waits where the times of alertmanager.yml would make
// a test long.
const brief = 2 * time.Second

func TestAnIncidentOfAJobIsOnePage(t *testing.T) {
	w := newWebhooks(t)
	a := startAlertmanager(t, read(t, "alertmanager.yml"), w, brief)
	// The burn of the availability is inhibited, that of the latency is not.
	a.fire(t, parseLabels(highErrorRate+common), parseLabels(burn1h+common), parseLabels(latencyBurn1h+common),
		parseLabels(burn3d+common), parseLabels(pool+common), parseLabels(paymentFailures+common))
	want := map[string][]string{
		"page":          {"HighErrorRate", "TutorFlowErrorBudgetBurn"},
		"page-business": {"TutorFlowPaymentFailures"},
		"ticket":        {"DatabaseConnectionPoolExhausted"},
	}
	for receiver, names := range want {
		if got := w.wait(t, receiver, 1)[0].names(); !slices.Equal(got, names) {
			t.Errorf("%s gets %q, want %q", receiver, got, names)
		}
	}
	// Another job is another incident. When it has been told, so would have been
	// what was wrongly told twice or apart.
	a.fire(t, parseLabels(highErrorRate+" job=another"))
	w.wait(t, "page", 2)
	w.mu.Lock()
	defer w.mu.Unlock()
	for receiver, n := range map[string]int{"page": 2, "page-business": 1, "ticket": 1, "deadman": 0} {
		if got := w.got[receiver]; len(got) != n {
			t.Errorf("%s gets %d notifications, want %d: %+v", receiver, len(got), n, got)
		}
	}
}

// The watchdog's times are those of the file: that Alertmanager sends every
// minute is more than what amtool can tell.
func TestTheDeadMansSwitchHearsOfTheWatchdogEveryMinute(t *testing.T) {
	t.Parallel()
	w := newWebhooks(t)
	a := startAlertmanager(t, read(t, "alertmanager.yml"), w, 0)
	a.fire(t, parseLabels(watchdog))
	w.wait(t, "deadman", 1)
	begin := time.Now()
	for _, n := range w.wait(t, "deadman", 2) {
		if n.Status != "firing" || !slices.Equal(n.names(), []string{"TutorFlowWatchdog"}) {
			t.Errorf("the dead man's switch gets %+v, want the firing watchdog", n)
		}
	}
	if took := time.Since(begin); took < 30*time.Second {
		t.Errorf("the second sign of life came after %v, want about a minute", took)
	}
}

package dashboards_test

import (
	"strings"
	"testing"
)

// hygiene is a check with defects that it has to find: a check that finds nothing
// proves nothing.
type hygiene struct {
	check check
	plant map[string]func(*board)
}

// verify wants each check to pass on every dashboard, and to find each defect in
// the first dashboard that can have it.
func verify(t *testing.T, tests map[string]hygiene) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, b := range load(t) {
				for _, problem := range tt.check(b) {
					t.Errorf("%s: %s", b.UID, problem)
				}
			}
			for defect, plant := range tt.plant {
				found := 0
				for _, b := range load(t) {
					plant(b)
					found += len(tt.check(b))
				}
				if found == 0 {
					t.Errorf("planted %s and the check did not find it", defect)
				}
			}
		})
	}
}

// replace plants a defect in every query that has old in it.
func replace(old, replacement string) func(*board) {
	return func(b *board) {
		for _, p := range b.queried() {
			for _, q := range p.Targets {
				q.Expr = strings.ReplaceAll(q.Expr, old, replacement)
			}
		}
	}
}

// asking plants a defect in the first panel with text in its first query.
func asking(text string, plant func(*panel)) func(*board) {
	return func(b *board) {
		for _, p := range b.queried() {
			if strings.Contains(p.Targets[0].Expr, text) {
				plant(p)
				return
			}
		}
	}
}

// ofKind plants a defect in the first panel of a kind.
func ofKind(kind string, plant func(*panel)) func(*board) {
	return func(b *board) {
		for _, p := range b.data() {
			if p.Type == kind {
				plant(p)
				return
			}
		}
	}
}

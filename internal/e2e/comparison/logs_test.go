package comparison_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/zap"
)

func logPromises() []promise {
	return []promise{
		{
			section: "8.5", name: "no line at ERROR is left out",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				for range 1000 {
					r.logger.Error("payment failed")
				}
				left := int(lost(r.scraped()))
				_ = r.end(patience)
				if got := strings.Count(r.lines(), `"payment failed"`); got+left != 1000 {
					return fmt.Errorf("%d of 1000 lines are written, and the service counts %d as lost", got, left)
				}
				return nil
			},
			plain: "of 1000 lines are written, and the service counts 0 as lost",
		},
		{
			section: "8.7", name: "a field of the service forges no level",
			broken: func(t *testing.T, w wiring) error {
				r := run(t, w)
				r.logger.Error("payment failed", zap.String("level", "debug"))
				_ = r.end(patience)
				for line := range strings.Lines(r.lines()) {
					if levels := strings.Count(line, `"level":`); strings.Contains(line, `"payment failed"`) && levels != 1 {
						return fmt.Errorf("the line has %d levels", levels)
					}
				}
				return nil
			},
			plain: "the line has 2 levels",
		},
		{
			section: "8.9", name: "an error with a URL in it writes no token to the log",
			broken: func(t *testing.T, w wiring) error {
				failure := &url.Error{Op: "Get", URL: "https://pay.example/v1?token=s3cret", Err: errors.New("no route to host")}
				return secrets(t, w, zap.Error(failure))
			},
			plain: "the log has s3cret",
		},
		{
			section: "8.9", name: "headers that are logged have no credentials in them",
			broken: func(t *testing.T, w wiring) error {
				return secrets(t, w, zap.Any("header", http.Header{"Authorization": {"Bearer s3cret"}, "Accept": {"*/*"}}))
			},
			plain: "the log has s3cret",
		},
	}
}

// secrets logs a field that has s3cret somewhere.
func secrets(t *testing.T, w wiring, field zap.Field) error {
	r := run(t, w)
	r.logger.Error("call failed", field)
	_ = r.end(patience)
	lines := r.lines()
	if !strings.Contains(lines, "call failed") {
		t.Fatalf("the line is not in the log: %q", lines)
	}
	if strings.Contains(lines, "s3cret") {
		return errors.New("the log has s3cret")
	}
	return nil
}

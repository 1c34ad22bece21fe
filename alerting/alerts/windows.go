package alerts

import (
	"strings"
	"time"
)

const (
	// Interval is how often the rules are evaluated. The rules pin it, so that
	// they cost and answer the same whatever the global interval is.
	Interval = time.Minute
	// Window is the range over which the alerts look at rates. At a scrape
	// interval of 15 seconds it holds twenty samples.
	Window = 5 * time.Minute
)

// window is Window as PromQL writes it.
const window = "5m"

// lines joins the lines of an expression that reads better on several.
func lines(text ...string) string { return strings.Join(text, "\n") + "\n" }

// orZero fills expr with 0 for the label sets that total has. Zero times the
// total gives 0 for a healthy service and nothing for one that is not scraped;
// vector(0) would call both healthy.
func orZero(expr, total string) string { return lines(expr, "or", "0 * "+total) }

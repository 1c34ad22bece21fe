package alerts

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// percent writes a ratio without the noise of the multiplication, but whole: an
// objective of 99.999% is not 100%.
func percent(ratio float64) string {
	return strconv.FormatFloat(100*ratio, 'g', 10, 64) + "%"
}

func minutes(d time.Duration) string {
	return fmt.Sprintf("%g minutes", d.Minutes())
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// count turns a rate over the window into a whole number of events. Rounding
// matters: extrapolation and floating point make five events 4.99.
func count(rate string) string {
	return fmt.Sprintf("round(%g * %s)", Window.Seconds(), rate)
}

// bound is a regular expression for a bucket bound. Prometheus 3 stores le="1.0"
// where Prometheus 2 keeps le="1" as the service writes it.
func bound(f float64) string {
	return strings.ReplaceAll(number(f), ".", "[.]") + "([.]0)?"
}

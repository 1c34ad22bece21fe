package alerting

import (
	"fmt"
	"strconv"
	"time"
)

// percent writes a ratio the way humanizePercentage does, with four digits.
func percent(ratio float64) string {
	return strconv.FormatFloat(100*ratio, 'g', 4, 64) + "%"
}

func minutes(d time.Duration) string {
	return fmt.Sprintf("%g minutes", d.Minutes())
}

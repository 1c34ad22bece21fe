package sums_test

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tutorflow/observability/telemetry/internal/sums"
)

func TestIntegersAreTakenAsLongAsTheirSumIsOne(t *testing.T) {
	const large = 1 << 62
	for name, test := range map[string]struct {
		add  []int64
		want []bool
	}{
		"small ones are always":               {[]int64{large, 1, -1, 1<<20 - 1}, []bool{true, true, true, true}},
		"half of the largest, once":           {[]int64{large, large, large, 1 << 20}, []bool{true, false, false, false}},
		"two that are too much together":      {[]int64{large/2 + 1, large / 2, large / 2}, []bool{true, false, false}},
		"the largest and the smallest never":  {[]int64{math.MaxInt64, math.MinInt64, math.MinInt64 + 1}, []bool{false, false, false}},
		"negative ones do not make room":      {[]int64{large, -large}, []bool{true, false}},
		"one that is refused takes no room":   {[]int64{large / 2, large, large / 2}, []bool{true, false, true}},
		"those that are just not small, once": {[]int64{1 << 20, -1 << 20, large - 1<<21, 1 << 20}, []bool{true, true, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			var room sums.Headroom
			for i, n := range test.add {
				if got := room.Int(n); got != test.want[i] {
					t.Errorf("number %d, %d: taken is %v", i, n, got)
				}
			}
		})
	}
}

func TestFloatsAreTakenAsLongAsTheirSumIsFinite(t *testing.T) {
	for name, test := range map[string]struct {
		add  []float64
		want []bool
	}{
		"fractions are always":         {[]float64{4e18, 0.5, 1e6 + 0.5, 1e9 + 0.25}, []bool{true, true, true, true}},
		"whole ones like integers":     {[]float64{4e18, 4e18, 1 << 21}, []bool{true, false, true}},
		"2^63, which some CPUs cut":    {[]float64{1 << 63, -1 << 63}, []bool{false, false}},
		"what no integer is, always":   {[]float64{1e19, 1e19, sums.Max, -sums.Max}, []bool{true, true, true, true}},
		"NaN and the infinities never": {[]float64{math.NaN(), math.Inf(1), math.Inf(-1)}, []bool{false, false, false}},
		"what a sum could overflow by": {[]float64{math.MaxFloat64, -math.MaxFloat64, 1e289}, []bool{false, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			var room sums.Headroom
			for i, v := range test.add {
				if got := room.Float(v); got != test.want[i] {
					t.Errorf("number %d, %v: taken is %v", i, v, got)
				}
			}
		})
	}
}

func TestSumNeverPassesItsMostConcurrentSafe(t *testing.T) {
	var room sums.Headroom
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if room.Int(1 << 60) {
					taken.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := taken.Load(); got != 4 {
		t.Errorf("%d were taken, 4 fit", got)
	}
}

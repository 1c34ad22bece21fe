package prometheus

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// bucketLabels leaves out histograms with a label le of their own, which the
// client library lets pass: their buckets would have it twice, and for one such
// line Prometheus refuses the whole scrape.
func bucketLabels(gatherer prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := gatherer.Gather()
		for _, f := range families {
			if f.GetType() != dto.MetricType_HISTOGRAM {
				continue
			}
			all := len(f.Metric)
			f.Metric = slices.DeleteFunc(f.Metric, hasBucketLabel)
			if len(f.Metric) < all {
				err = errors.Join(err, fmt.Errorf("metric %s has a label le of its own", f.GetName()))
			}
		}
		return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return len(f.Metric) == 0 }), err
	})
}

func hasBucketLabel(m *dto.Metric) bool {
	return slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "le" })
}

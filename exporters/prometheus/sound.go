package prometheus

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// soundOnly mends what the registry takes and Prometheus does not: it refuses a
// whole scrape for a help text that is no UTF-8, and for a histogram with a label
// le of its own, which is left out.
func soundOnly(gatherer prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := gatherer.Gather()
		var errs prometheus.MultiError
		errs.Append(err)
		for _, f := range families {
			if !utf8.ValidString(f.GetHelp()) {
				f.Help = proto.String(strings.ToValidUTF8(f.GetHelp(), "\uFFFD"))
			}
			if f.GetType() != dto.MetricType_HISTOGRAM {
				continue
			}
			all := len(f.GetMetric())
			f.Metric = slices.DeleteFunc(f.GetMetric(), func(m *dto.Metric) bool {
				return slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "le" })
			})
			if n := all - len(f.GetMetric()); n > 0 {
				errs.Append(fmt.Errorf("gather %s: label \"le\": %d series left out, it belongs to the buckets", f.GetName(), n))
			}
		}
		return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return len(f.GetMetric()) == 0 }), errs.MaybeUnwrap()
	})
}

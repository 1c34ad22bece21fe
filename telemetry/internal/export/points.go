package export

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// number is what a metric's points hold.
type number interface{ int64 | float64 }

// repairMetric repairs the texts of m, in copies of what holds them.
func repairMetric(m metricdata.Metrics) metricdata.Metrics {
	m.Name, m.Description, m.Unit = repairText(m.Name), repairText(m.Description), repairText(m.Unit)
	switch d := m.Data.(type) {
	case metricdata.Gauge[int64]:
		return repairGauge(m, d)
	case metricdata.Gauge[float64]:
		return repairGauge(m, d)
	case metricdata.Sum[int64]:
		return repairSum(m, d)
	case metricdata.Sum[float64]:
		return repairSum(m, d)
	case metricdata.Histogram[int64]:
		return repairHistogram(m, d)
	case metricdata.Histogram[float64]:
		return repairHistogram(m, d)
	case metricdata.ExponentialHistogram[int64]:
		return repairExponential(m, d)
	case metricdata.ExponentialHistogram[float64]:
		return repairExponential(m, d)
	case metricdata.Summary:
		points, changed := repairPoints(d.DataPoints, func(p *metricdata.SummaryDataPoint) (*attribute.Set, *[]metricdata.Exemplar[float64]) {
			return &p.Attributes, nil
		})
		if changed {
			d.DataPoints = points
			m.Data = d
		}
		return m
	}
	return m
}

func repairGauge[N number](m metricdata.Metrics, d metricdata.Gauge[N]) metricdata.Metrics {
	points, changed := repairPoints(d.DataPoints, scalar[N])
	if changed {
		d.DataPoints = points
		m.Data = d
	}
	return m
}

func repairSum[N number](m metricdata.Metrics, d metricdata.Sum[N]) metricdata.Metrics {
	points, changed := repairPoints(d.DataPoints, scalar[N])
	if changed {
		d.DataPoints = points
		m.Data = d
	}
	return m
}

func scalar[N number](p *metricdata.DataPoint[N]) (*attribute.Set, *[]metricdata.Exemplar[N]) {
	return &p.Attributes, &p.Exemplars
}

func repairHistogram[N number](m metricdata.Metrics, d metricdata.Histogram[N]) metricdata.Metrics {
	points, changed := repairPoints(d.DataPoints, func(p *metricdata.HistogramDataPoint[N]) (*attribute.Set, *[]metricdata.Exemplar[N]) {
		return &p.Attributes, &p.Exemplars
	})
	if changed {
		d.DataPoints = points
		m.Data = d
	}
	return m
}

func repairExponential[N number](m metricdata.Metrics, d metricdata.ExponentialHistogram[N]) metricdata.Metrics {
	points, changed := repairPoints(d.DataPoints, func(p *metricdata.ExponentialHistogramDataPoint[N]) (*attribute.Set, *[]metricdata.Exemplar[N]) {
		return &p.Attributes, &p.Exemplars
	})
	if changed {
		d.DataPoints = points
		m.Data = d
	}
	return m
}

// repairPoints returns points, or a copy where a text is no UTF-8. texts are the
// parts of a point that hold any; a point without exemplars has nil there.
func repairPoints[P any, N number](points []P, texts func(*P) (*attribute.Set, *[]metricdata.Exemplar[N])) (sound []P, changed bool) {
	for i := range points {
		set, exemplars := texts(&points[i])
		if validSet(set) && (exemplars == nil || validExemplars(*exemplars)) {
			continue
		}
		if !changed {
			points, changed = slices.Clone(points), true
			set, exemplars = texts(&points[i])
		}
		*set = repairSet(set)
		if exemplars != nil {
			*exemplars = repairExemplars(*exemplars)
		}
	}
	return points, changed
}

func validExemplars[N number](exemplars []metricdata.Exemplar[N]) bool {
	for i := range exemplars {
		if !validKeyValues(exemplars[i].FilteredAttributes) {
			return false
		}
	}
	return true
}

func repairExemplars[N number](exemplars []metricdata.Exemplar[N]) []metricdata.Exemplar[N] {
	exemplars = slices.Clone(exemplars)
	for i, e := range exemplars {
		exemplars[i].FilteredAttributes = repairKeyValues(e.FilteredAttributes)
	}
	return exemplars
}

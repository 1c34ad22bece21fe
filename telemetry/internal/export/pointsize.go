package export

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// pointList is the points of a metric, whatever their type.
type pointList struct {
	count int
	// size is an upper bound, in bytes, as those of spans are.
	size  func(i int) int
	slice func(from, to int) metricdata.Aggregation
}

func pointsOf(data metricdata.Aggregation) pointList {
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		return gaugePoints(d)
	case metricdata.Gauge[float64]:
		return gaugePoints(d)
	case metricdata.Sum[int64]:
		return sumPoints(d)
	case metricdata.Sum[float64]:
		return sumPoints(d)
	case metricdata.Histogram[int64]:
		return histogramPoints(d)
	case metricdata.Histogram[float64]:
		return histogramPoints(d)
	case metricdata.ExponentialHistogram[int64]:
		return exponentialPoints(d)
	case metricdata.ExponentialHistogram[float64]:
		return exponentialPoints(d)
	case metricdata.Summary:
		return listOf(d.DataPoints, sizeOfSummary, func(p []metricdata.SummaryDataPoint) metricdata.Aggregation { d.DataPoints = p; return d })
	}
	return pointList{}
}

func listOf[P any](points []P, size func(*P) int, with func([]P) metricdata.Aggregation) pointList {
	return pointList{
		count: len(points),
		size:  func(i int) int { return size(&points[i]) },
		slice: func(from, to int) metricdata.Aggregation { return with(points[from:to:to]) },
	}
}

func gaugePoints[N number](d metricdata.Gauge[N]) pointList {
	return listOf(d.DataPoints, sizeOfNumber[N], func(p []metricdata.DataPoint[N]) metricdata.Aggregation { d.DataPoints = p; return d })
}

func sumPoints[N number](d metricdata.Sum[N]) pointList {
	return listOf(d.DataPoints, sizeOfNumber[N], func(p []metricdata.DataPoint[N]) metricdata.Aggregation { d.DataPoints = p; return d })
}

func histogramPoints[N number](d metricdata.Histogram[N]) pointList {
	return listOf(d.DataPoints, sizeOfHistogram[N], func(p []metricdata.HistogramDataPoint[N]) metricdata.Aggregation { d.DataPoints = p; return d })
}

func exponentialPoints[N number](d metricdata.ExponentialHistogram[N]) pointList {
	return listOf(d.DataPoints, sizeOfExponential[N], func(p []metricdata.ExponentialHistogramDataPoint[N]) metricdata.Aggregation {
		d.DataPoints = p
		return d
	})
}

// pointSize is what a point takes besides what it has many of.
const pointSize = 96

func sizeOfNumber[N number](p *metricdata.DataPoint[N]) int {
	return pointSize + sizeOfSet(&p.Attributes) + sizeOfExemplars(p.Exemplars)
}

func sizeOfHistogram[N number](p *metricdata.HistogramDataPoint[N]) int {
	return pointSize + sizeOfSet(&p.Attributes) + sizeOfExemplars(p.Exemplars) + 8*len(p.BucketCounts) + 8*len(p.Bounds)
}

func sizeOfExponential[N number](p *metricdata.ExponentialHistogramDataPoint[N]) int {
	return partSize + sizeOfSet(&p.Attributes) + sizeOfExemplars(p.Exemplars) +
		10*len(p.PositiveBucket.Counts) + 10*len(p.NegativeBucket.Counts)
}

func sizeOfSummary(p *metricdata.SummaryDataPoint) int {
	return pointSize + sizeOfSet(&p.Attributes) + elementSize*len(p.QuantileValues)
}

func sizeOfExemplars[N number](exemplars []metricdata.Exemplar[N]) (n int) {
	for i := range exemplars {
		n += pointSize + sizeOfKeyValues(exemplars[i].FilteredAttributes)
	}
	return n
}

func sizeOfSet(s *attribute.Set) (n int) {
	for i := range s.Len() {
		kv, _ := s.Get(i)
		n += sizeOfKeyValue(kv)
	}
	return n
}

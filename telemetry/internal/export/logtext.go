package export

import (
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// repairRecord repairs the texts of r and cuts those that are longer than
// longest, and touches nothing where there are none. size is at most maxItem:
// attributes that do not fit are left out.
func repairRecord(r *sdklog.Record, longest int) (size int) {
	sound := true
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		sound = validKeyValue(kv) && shortValue(kv.Value, longest)
		return sound
	})
	if size = sizeOfRecord(r); size > maxItem {
		sound = false
	}
	body := r.Body()
	if sound && utf8.ValidString(r.EventName()) && len(r.EventName()) <= longest &&
		utf8.ValidString(r.SeverityText()) && len(r.SeverityText()) <= longest &&
		validValue(body) && shortValue(body, longest) {
		return size
	}
	*r = r.Clone() // it shares attributes with the processor's
	r.SetEventName(cutText(repairText(r.EventName()), longest))
	r.SetSeverityText(cutText(repairText(r.SeverityText()), longest))
	r.SetBody(cutValue(repairValue(body), longest))
	if sizeOfValue(r.Body()) > maxItem/2 { // no text, but a collection
		r.SetBody(attribute.StringValue(""))
	}
	if !sound {
		kvs := make([]attribute.KeyValue, 0, r.AttributesLen())
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			kvs = append(kvs, kv)
			return true
		})
		kvs = repairKeyValues(kvs)
		cutKeyValues(kvs, longest)
		r.SetAttributes()
		room := maxItem - sizeOfRecord(r)
		r.SetAttributes(fitting(kvs, &room, sizeOfKeyValue)...)
	}
	return sizeOfRecord(r)
}

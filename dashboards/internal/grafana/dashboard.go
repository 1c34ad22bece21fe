package grafana

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// SchemaVersion is that of Grafana 10.0. Later versions migrate it when they
// load a dashboard; an earlier one would not understand a later schema.
const SchemaVersion = 38

// Dashboard is a classic Grafana dashboard.
type Dashboard struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	SchemaVersion int        `json:"schemaVersion"`
	Editable      bool       `json:"editable"`
	GraphTooltip  int        `json:"graphTooltip"`
	Timezone      string     `json:"timezone"`
	Refresh       string     `json:"refresh"`
	Time          TimeRange  `json:"time"`
	Links         []Link     `json:"links"`
	Templating    Templating `json:"templating"`
	Annotations   Queries    `json:"annotations"`
	Panels        []*Panel   `json:"panels"`
}

// SharedCrosshair is the GraphTooltip that marks one instant on every panel.
const SharedCrosshair = 1

// TimeRange is a span of time, in Grafana's notation: now-6h.
type TimeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Templating holds the variables.
type Templating struct {
	List []Variable `json:"list"`
}

// Queries holds the annotations.
type Queries struct {
	List []Annotation `json:"list"`
}

// Marshal writes a dashboard as indented JSON that ends in a newline.
func Marshal(d Dashboard) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // Queries are full of < and >.
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encode dashboard %s: %w", d.UID, err)
	}
	return buf.Bytes(), nil
}

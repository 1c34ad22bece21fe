package dashboards_test

import (
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/tutorflow/observability/dashboards"
)

// The types that the tests read dashboards into. They are apart from those of
// the generator, so that a wrong JSON name in the generator is seen.
type (
	board struct {
		raw           string
		UID           string
		Title         string
		Tags          []string
		Editable      *bool
		SchemaVersion int
		Timezone      string
		Refresh       string
		Links         []struct {
			Type        string
			Tags        []string
			KeepTime    bool
			IncludeVars bool
		}
		Templating  struct{ List []*variable }
		Annotations struct{ List []*annotation }
		Panels      []*panel
	}
	variable struct {
		Name, Label, Type, AllValue, Definition string
		Datasource                              datasource
		Query                                   json.RawMessage
		Multi, IncludeAll                       bool
		Refresh, Sort                           int
	}
	annotation struct {
		Name, Expr string
		Datasource datasource
	}
	datasource struct{ Type, UID string }
	panel      struct {
		ID                       int
		Type, Title, Description string
		Datasource               datasource
		GridPos                  struct{ H, W, X, Y int }
		Targets                  []*target
		FieldConfig              struct {
			Defaults  field
			Overrides []*override
		}
		Links           []link
		Options         struct{ Legend struct{ ShowLegend bool } }
		Transformations []struct {
			ID      string
			Options struct{ RenameByName map[string]string }
		}
	}
	target struct {
		RefID, Expr, LegendFormat, Format string
		Datasource                        datasource
		Range, Instant, Exemplar          bool
	}
	link  struct{ Title, URL string }
	field struct {
		Unit, NoValue string
		Min           *float64
		Links         []link
		Thresholds    thresholds
		Custom        struct{ ThresholdsStyle struct{ Mode string } }
	}
	thresholds struct{ Steps []step }
	step       struct {
		Color string
		Value *float64
	}
	override struct {
		Matcher    struct{ ID, Options string }
		Properties []property
	}
	property struct {
		ID    string
		Value json.RawMessage
	}
)

// load reads every committed dashboard anew, so that a test may change it.
func load(t *testing.T) []*board {
	t.Helper()
	var boards []*board
	for _, d := range dashboards.List() {
		data, err := fs.ReadFile(dashboards.FS(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		b := &board{raw: string(data)}
		if err := json.Unmarshal(data, b); err != nil {
			t.Fatalf("parse %s: %v", d.File, err)
		}
		boards = append(boards, b)
	}
	return boards
}

// data returns the panels that show something, which rows do not.
func (b *board) data() []*panel {
	var found []*panel
	for _, p := range b.Panels {
		if p.Type != "row" {
			found = append(found, p)
		}
	}
	return found
}

// queried returns the panels that ask Prometheus, which alert lists do not.
func (b *board) queried() []*panel {
	var found []*panel
	for _, p := range b.data() {
		if p.Type != "alertlist" {
			found = append(found, p)
		}
	}
	return found
}

// exprs returns every query of the board, with where it stands.
func (b *board) exprs() map[string]string {
	found := map[string]string{}
	for _, p := range b.data() {
		for _, q := range p.Targets {
			found[p.Title+" "+q.RefID] = q.Expr
		}
	}
	for _, a := range b.Annotations.List {
		found["annotation "+a.Name] = a.Expr
	}
	return found
}

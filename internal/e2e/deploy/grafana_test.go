package deploy_test

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// datasources is a provisioning file of Grafana, with the settings that the
// stack has. There is no reader of it outside Grafana.
type datasources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access, URL string
		IsDefault                    bool `yaml:"isDefault"`
		JSONData                     struct {
			HTTPMethod                  string `yaml:"httpMethod"`
			TimeInterval                string `yaml:"timeInterval"`
			Implementation              string
			AlertmanagerUID             string `yaml:"alertmanagerUid"`
			ExemplarTraceIDDestinations []struct {
				Name          string
				DatasourceUID string `yaml:"datasourceUid"`
			} `yaml:"exemplarTraceIdDestinations"`
			TracesToLogsV2 struct {
				DatasourceUID      string `yaml:"datasourceUid"`
				SpanStartTimeShift string `yaml:"spanStartTimeShift"`
				SpanEndTimeShift   string `yaml:"spanEndTimeShift"`
				CustomQuery        bool   `yaml:"customQuery"`
				Query              string
			} `yaml:"tracesToLogsV2"`
			DerivedFields []struct {
				Name            string
				MatcherType     string `yaml:"matcherType"`
				MatcherRegex    string `yaml:"matcherRegex"`
				URL             string
				DatasourceUID   string `yaml:"datasourceUid"`
				URLDisplayLabel string `yaml:"urlDisplayLabel"`
			} `yaml:"derivedFields"`
		} `yaml:"jsonData"`
	}
}

// providers is the provisioning file of dashboards.
type providers struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name, Folder, Type string
		Options            struct{ Path string }
	}
}

func (s *stack) readGrafana(*testing.T) error {
	for name, into := range map[string]any{"grafana/datasources.yaml": &s.sources, "grafana/dashboards.yaml": &s.dashboards} {
		file, err := os.Open(s.path(name))
		if err != nil {
			return err
		}
		defer file.Close()
		decoder := yaml.NewDecoder(file)
		decoder.KnownFields(true)
		if err := decoder.Decode(into); err != nil && err != io.EOF {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

// checkSources looks for data sources that are referred to and do not exist.
func checkSources(s *stack) (problems []string) {
	kinds := map[string]string{} // by uid
	for _, d := range s.sources.Datasources {
		if d.UID == "" || kinds[d.UID] != "" {
			problems = append(problems, fmt.Sprintf("the uid of data source %s is missing or not its own", d.Name))
		}
		kinds[d.UID] = d.Type
	}
	refer := func(from, uid, kind string) {
		if kinds[uid] != kind {
			problems = append(problems, fmt.Sprintf("%s refers to data source %q, which is of type %q, want %q", from, uid, kinds[uid], kind))
		}
	}
	found := map[string]bool{}
	for _, d := range s.sources.Datasources {
		found[d.Type] = true
		switch data := d.JSONData; d.Type {
		case "prometheus":
			refer(d.Name, data.AlertmanagerUID, "alertmanager")
			for _, e := range data.ExemplarTraceIDDestinations {
				refer("an exemplar", e.DatasourceUID, "tempo")
			}
			if len(data.ExemplarTraceIDDestinations) != 1 || data.ExemplarTraceIDDestinations[0].Name != "trace_id" {
				problems = append(problems, "exemplars do not lead to traces by trace_id")
			}
			interval := time.Duration(s.prometheus.GlobalConfig.ScrapeInterval)
			if got, err := time.ParseDuration(data.TimeInterval); err != nil || got != interval || !d.IsDefault {
				problems = append(problems, fmt.Sprintf("Prometheus is the default: %v, with timeInterval %q, want true and the scrape interval %s", d.IsDefault, data.TimeInterval, interval))
			}
		case "tempo":
			refer("a span", data.TracesToLogsV2.DatasourceUID, "loki")
		case "loki":
			if len(data.DerivedFields) != 1 {
				problems = append(problems, "a log line does not lead to its trace")
			}
			for _, f := range data.DerivedFields {
				refer("a log line", f.DatasourceUID, "tempo")
			}
		}
	}
	for _, kind := range []string{"prometheus", "alertmanager", "tempo", "loki"} {
		if !found[kind] {
			problems = append(problems, "there is no data source of type "+kind)
		}
	}
	return problems
}

// checkDashboards looks for dashboards that Grafana does not find.
func checkDashboards(s *stack) (problems []string) {
	grafana := s.project.Services["grafana"]
	at := mounts(grafana)
	for _, name := range []string{"datasources", "dashboards"} {
		if from := at["/etc/grafana/provisioning/"+name+"/tutorflow.yaml"]; from != s.path("grafana/"+name+".yaml") {
			problems = append(problems, fmt.Sprintf("grafana reads the %s from %q, want %s.yaml", name, from, name))
		}
	}
	for _, p := range s.dashboards.Providers {
		if from := at[p.Options.Path]; from != filepath.Join(s.root, "dashboards/json") || p.Folder != "TutorFlow" {
			problems = append(problems, fmt.Sprintf("provider %s has folder %q and the files of %q, want TutorFlow and dashboards/json", p.Name, p.Folder, from))
		}
	}
	home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if home == nil || at[path.Dir(*home)] == "" {
		return append(problems, "the home dashboard is nowhere in grafana")
	}
	if _, err := os.Stat(filepath.Join(at[path.Dir(*home)], path.Base(*home))); err != nil {
		problems = append(problems, fmt.Sprintf("the home dashboard: %v", err))
	}
	return problems
}

// mounts returns what of this machine is where in the container.
func mounts(service types.ServiceConfig) map[string]string {
	at := map[string]string{}
	for _, v := range service.Volumes {
		if v.Type == types.VolumeTypeBind {
			at[strings.TrimRight(v.Target, "/")] = v.Source
		}
	}
	return at
}

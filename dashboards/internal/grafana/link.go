package grafana

import "strconv"

// Link is an entry in the menu of a dashboard or of a panel, or what a click on a
// value opens.
type Link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	URL         string   `json:"url,omitempty"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
}

// TagLink is a menu of all dashboards with the tag; time and variables travel
// along.
func TagLink(title, tag string) Link {
	return Link{
		Title: title, Type: "dashboards", Icon: "external link", Tags: []string{tag},
		AsDropdown: true, IncludeVars: true, KeepTime: true,
	}
}

// urlLink goes to one address.
func urlLink(title, url string) Link {
	return Link{Title: title, Type: "link", Icon: "external link", URL: url, Tags: []string{}}
}

// Address is that of the dashboard uid with the same time range. variables are
// further query parameters, such as ${job:queryparam}.
func Address(uid string, variables ...string) string {
	url := "/d/" + uid + "?${__url_time_range}"
	for _, v := range variables {
		url += "&" + v
	}
	return url
}

// Link adds an entry to the panel's menu, which opens in a new tab.
func (p *Panel) Link(title, url string) *Panel {
	l := urlLink(title, url)
	l.TargetBlank = true
	p.Links = append(p.Links, l)
	return p
}

// To adds an entry to the panel's menu that leads to another dashboard, with the
// time range and all variables.
func (p *Panel) To(title, uid string) *Panel {
	p.Links = append(p.Links, urlLink(title, Address(uid, allVariables)))
	return p
}

// Detail adds an entry to the panel's menu that opens another panel of the same
// dashboard in full size.
func (p *Panel) Detail(other *Panel) *Panel {
	p.detail = other
	return p
}

// DataLink opens url by a click on a value; url may use ${__field.labels.NAME}.
func (p *Panel) DataLink(title, url string) *Panel {
	p.FieldConfig.Defaults.Links = append(p.FieldConfig.Defaults.Links, urlLink(title, url))
	return p
}

const allVariables = "${__all_variables}"

// linkDetail makes the link of Detail, once the panels have their numbers.
func (p *Panel) linkDetail(uid string) {
	if p.detail != nil {
		p.Links = append(p.Links, urlLink(p.detail.Title, Address(uid, allVariables, "viewPanel="+strconv.Itoa(p.detail.ID))))
	}
}

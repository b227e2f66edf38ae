# SPDX-License-Identifier: Apache-2.0
"""What all dashboards have in common: variables, links between them, the look of a panel, the grid."""

SCHEMA_VERSION = 39
TAG = "product-service"
RUNBOOK = "https://github.com/swift-microservices/swift-microservices/blob/main/docs/runbook.md"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What every series of the service is picked by; put in for OURS in an expression.
SELECTOR = 'namespace=~"$namespace", job=~"$job", instance=~"$instance"'
# Requests of clients: neither probes nor scrapes. Put in for CLIENTS.
CLIENTS = SELECTOR + ', http_route!~"/(startupz|livez|readyz|metrics|health)(/.*)?"'

GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"


def thresholds(*steps):
    """The colours of values: pairs of the value from which on it is that colour, None for the first."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in steps]}


PLAIN = thresholds((None, BLUE))


def query(expression, legend="", **more):
    expression = " ".join(expression.split()).replace("CLIENTS", CLIENTS).replace("OURS", SELECTOR)
    return {"expr": expression, "legendFormat": legend or "__auto", **more}


def panel(kind, title, description, unit, queries, width, height, limits=PLAIN, options=None, custom=None, **defaults):
    targets = [
        {"datasource": DATASOURCE, "editorMode": "code", "range": kind != "stat", "instant": kind == "stat",
         "refId": chr(ord("A") + position), **each}
        for position, each in enumerate(queries)]
    return {
        "type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": targets,
        "fieldConfig": {
            "defaults": {"unit": unit, "thresholds": limits, "custom": custom or {}, "noValue": "none", **defaults},
            "overrides": []},
        "options": options or {}, "gridPos": {"w": width, "h": height}}


def stat(title, description, unit, expression, limits=PLAIN, width=4, **defaults):
    """One number, as it is now."""
    return panel(
        "stat", title, description, unit, [query(expression)], width, 4, limits,
        {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
         "graphMode": "none", "justifyMode": "auto", "textMode": "auto", "orientation": "auto"}, **defaults)


def graph(title, description, unit, *queries, limits=None, width=12, stack=False, **defaults):
    """Lines over time; the limits, where there are any, as lines, too."""
    custom = {
        "drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if stack else 5, "showPoints": "never",
        "spanNulls": False, "stacking": {"mode": "normal" if stack else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if limits else "off"}}
    defaults.setdefault("min", 0)
    return panel(
        "timeseries", title, description, unit, queries, width, 8, limits or PLAIN,
        {"legend": {"displayMode": "table", "placement": "right", "calcs": ["mean", "max"], "showLegend": True},
         "tooltip": {"mode": "multi", "sort": "desc"}}, custom, **defaults)


def heatmap(title, description, unit, expression, width=24):
    """How values are spread over a histogram's buckets, with the traces that are examples of them."""
    return panel(
        "heatmap", title, description, unit, [query(expression, "{{le}}", format="heatmap", exemplar=True)], width, 9,
        options={
            "calculate": False, "yAxis": {"unit": unit, "axisPlacement": "left"}, "rowsFrame": {"layout": "auto"},
            "color": {"mode": "scheme", "scheme": "Turbo", "steps": 64, "exponent": 0.5, "fill": "dark-orange"},
            "exemplars": {"color": "rgba(255,0,255,0.7)"}, "cellGap": 1, "filterValues": {"le": 1e-9},
            "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": False}, "legend": {"show": True}})


def table(title, description, expression, columns, width=12):
    """The labels of series, as they are now."""
    shown = {name: position for position, name in enumerate(columns)}
    made = panel(
        "table", title, description, "none", [query(expression, format="table")], width, 6,
        options={"showHeader": True, "cellHeight": "sm"})
    made["targets"][0] |= {"instant": True, "range": False}
    made["transformations"] = [
        {"id": "filterFieldsByName", "options": {"include": {"names": columns}}},
        {"id": "organize", "options": {"indexByName": shown}}]
    return made


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": 24, "h": 1}}


def lay_out(panels):
    """Gives every panel its number and its place: from left to right, a new line where one does not fit."""
    left = top = line_height = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if left + place["w"] > 24:
            left, top, line_height = 0, top + line_height, 0
        place |= {"x": left, "y": top}
        each["id"] = number
        left, line_height = left + place["w"], max(line_height, place["h"])
    return panels


def variable(name, label, definition, many):
    return {
        "name": name, "label": label, "type": "query", "datasource": DATASOURCE, "definition": definition,
        "query": {"query": definition, "refId": "PrometheusVariableQueryEditor-VariableQuery"}, "refresh": 2, "sort": 1,
        "multi": many, "includeAll": many, "allValue": ".*" if many else None,
        "current": {"text": "All", "value": "$__all"} if many else {}, "hide": 0, "options": [], "regex": "",
        "skipUrlSync": False}


def dashboard(name, title, description, panels):
    return {
        "uid": f"product-service-{name}", "title": f"Product service / {title}", "description": description,
        "tags": [TAG], "schemaVersion": SCHEMA_VERSION, "version": 1, "editable": True, "graphTooltip": 1,
        "timezone": "browser", "refresh": "30s", "time": {"from": "now-1h", "to": "now"}, "fiscalYearStartMonth": 0,
        "weekStart": "", "liveNow": False, "annotations": {"list": [{
            "name": "Starts", "datasource": DATASOURCE, "enable": True, "iconColor": "purple", "titleFormat": "{{instance}} started",
            "expr": f"changes(process_start_time_seconds{{{SELECTOR}}}[1m]) > 0 or (time() - process_start_time_seconds{{{SELECTOR}}} < 60)"}]},
        "links": [
            {"type": "dashboards", "title": "Product service", "tags": [TAG], "asDropdown": False, "includeVars": True,
             "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""},
            {"type": "link", "title": "Runbook", "url": RUNBOOK, "icon": "doc", "targetBlank": True, "tags": [],
             "asDropdown": False, "includeVars": False, "keepTime": False, "tooltip": "What to do when an alert fires"}],
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
             "current": {}, "hide": 0, "includeAll": False, "multi": False, "options": [], "regex": "", "skipUrlSync": False},
            variable("namespace", "Namespace", "label_values(process_start_time_seconds, namespace)", True),
            variable("job", "Job", 'label_values(http_server_active_requests{namespace=~"$namespace"}, job)', False),
            variable(
                "instance", "Instance", 'label_values(process_start_time_seconds{namespace=~"$namespace", job=~"$job"}, instance)',
                True)]},
        "panels": lay_out(panels)}

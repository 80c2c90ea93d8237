{{- define "fermata.name" -}}
{{- if .Values.nameOverride }}{{ .Values.nameOverride }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "fermata.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "fermata.labels" -}}
{{ include "fermata.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fermata.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ printf "%s@%s" .repository .digest }}
{{- else }}{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}{{ end }}
{{- end }}
{{- end }}

{{- /* Settings by their full names, one argument each: what is given to the process wins over every file. */}}
{{- define "fermata.settings" -}}
{{- range $name, $value := . }}
{{- /* By way of JSON: 12500000000 would become 1.25e+10. */}}
- {{ printf "--%s=%s" $name (kindIs "string" $value | ternary $value (toJson $value)) | quote }}
{{- end }}
{{- end }}

{{- /* What a schema cannot say. */}}
{{- define "fermata.refuse" -}}
{{- $replicas := include "fermata.replicas" . | int }}
{{- if and (eq .Values.journal.kind "sqlite") (gt $replicas 1) }}
{{- fail (printf "orchestrator.replicas is %d: the journal is one SQLite file with one writer, so exactly 1 orchestrator can run; set it to 1, or journal.kind to postgresql" $replicas) }}
{{- end }}
{{- include "fermata.refuseJournal" .Values.journal }}
{{- range $setting, $_ := .Values.orchestrator.settings }}
{{- if regexMatch "^fermata\\.(journal\\.(url|username|password|password-file|directory)|replica\\.url|insecure-bind)$" $setting }}
{{- fail (printf "orchestrator.settings: %s is the chart's to say; see journal and security" $setting) }}
{{- end }}
{{- end }}
{{- if .Values.security.identitySecret }}
{{- range .Values.fleet.hosts }}
{{- if or (hasPrefix "http:" .agent) (hasPrefix "http:" (.peer | default "")) }}
{{- fail (printf "fleet.hosts: %s is reached by http, and with security.identitySecret the orchestrator reaches agents by https only" .name) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.fleet.hosts .Values.fleet.existingConfigMap }}
{{- fail "fleet.hosts and fleet.existingConfigMap are two inventories; give one" }}
{{- end }}
{{- if and .Values.demo.enabled (or .Values.fleet.hosts .Values.fleet.existingConfigMap .Values.agent.enabled) }}
{{- fail "demo.enabled brings its own two hosts; leave out fleet and agent, or the demonstration" }}
{{- end }}
{{- if and .Values.demo.enabled (eq .Values.journal.kind "postgresql") }}
{{- fail "demo.enabled brings two hosts into each orchestrator's pod, and several would share one journal; leave out journal.kind" }}
{{- end }}
{{- if and .Values.agent.enabled (not .Values.agent.hosts) }}
{{- fail "agent.enabled without agent.hosts: name each node and its devices" }}
{{- end }}
{{- include "fermata.refuseHolding" .Values.agent }}
{{- if and .Values.agent.privileged .Values.agent.deviceResources }}
{{- fail "agent.privileged makes agent.deviceResources pointless; give one" }}
{{- end }}
{{- end }}

{{- define "fermata.refuseHolding" -}}
{{- $agent := . }}
{{- range $node, $host := .hosts }}
{{- range $host.devices }}
{{- if and (eq (.hold | default "open") "receive") (not $agent.holdingDirectory) }}
{{- fail (printf "agent.hosts: %s of %s is sent by its VMM: give agent.holdingDirectory, where it finds the socket" .name $node) }}
{{- end }}
{{- if and (eq (.hold | default "open") "adopt") (or (not $agent.hostPID) (not (or $agent.privileged (has "SYS_PTRACE" $agent.capabilities)))) }}
{{- fail (printf "agent.hosts: %s of %s is taken out of its VMM's process: that needs agent.hostPID and SYS_PTRACE in agent.capabilities" .name $node) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "fermata.refuseJournal" -}}
{{- if eq .kind "postgresql" }}
{{- if not .url }}
{{- fail "journal.kind is postgresql: give journal.url, jdbc:postgresql://HOST:PORT/DATABASE" }}
{{- end }}
{{- if .existingClaim }}
{{- fail "journal.existingClaim is for the SQLite file; leave it out, or journal.kind" }}
{{- end }}
{{- else if or .url .username .existingSecret .authoritiesSecret }}
{{- fail "journal.url, username, existingSecret and authoritiesSecret are of a database: set journal.kind to postgresql" }}
{{- end }}
{{- end }}

{{- /* How many: one with a file; two with a database, so that one may fall. */}}
{{- define "fermata.replicas" -}}
{{- if kindIs "string" .Values.orchestrator.replicas }}{{ eq .Values.journal.kind "postgresql" | ternary 2 1 }}
{{- else }}{{ int .Values.orchestrator.replicas }}{{ end }}
{{- end }}

{{- /* The API as it is reached within the cluster. */}}
{{- define "fermata.api" -}}
{{- printf "%s://%s:%d" (.Values.security.apiSecret | empty | ternary "http" "https") (include "fermata.name" .) (int .Values.service.port) }}
{{- end }}

{{- /* The ports of a URL's hosts, as a list: those that it names, or the usual one. */}}
{{- define "fermata.ports" -}}
{{- $ports := list }}
{{- $hosts := regexReplaceAll "^[a-z:]+//([^/]*).*$" .url "${1}" }}
{{- range splitList "," (regexReplaceAll "\\[[^]]*\\]" $hosts "") }}
{{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default $.usual | int) }}
{{- end }}
{{- uniq $ports | toJson }}
{{- end }}

{{- /* Nobody reaches the control port without a certificate, and a kubelet has none. */}}
{{- define "fermata.agentProbe" -}}
{{- if not .root.Values.security.agentIdentityDirectory }}{path: /{{ .path }}, port: control}
{{- else if eq .path "livez" }}{path: /actuator/health/liveness, port: management}
{{- else }}{path: /actuator/health/readiness, port: management}{{ end }}
{{- end }}

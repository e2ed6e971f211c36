//! The description of what this face serves, in XML: types, members and nullability of the published schema, for
//! alerts, incidents and hunting in both versions, and for rules in beta. Anybody may read it.

use std::fmt::Write as _;

use crate::emulator::{
    answer::Answer,
    faces::graph::{
        place::Version,
        vocabulary::{
            CLASSIFICATION, DETECTION_SOURCE, DETERMINATION, INCIDENT_STATUS, REMEDIATION, SERVICE_SOURCE, SEVERITY,
            STATUS,
        },
    },
    odata::value::Enumeration,
};

/// A type: its kind, name and base, and its members one after another, each with its type behind a colon. A type in
/// capitals is one of the entity data model, `!` is never null, brackets are a collection, `>` leads to entities.
struct Published {
    kind: &'static str,
    name: &'static str,
    base: &'static str,
    members: &'static str,
}

const fn complex(name: &'static str, members: &'static str) -> Published {
    Published { kind: "ComplexType", name, base: "", members }
}

const fn evidence(name: &'static str, members: &'static str) -> Published {
    Published { kind: "ComplexType", name, base: "alertEvidence", members }
}

const fn entity(name: &'static str, members: &'static str) -> Published {
    Published { kind: "EntityType", name, base: "", members }
}

static TYPES: &[Published] = &[
    entity(
        "alert",
        "id:String! providerAlertId:String incidentId:String status:alertStatus! severity:alertSeverity! \
         classification:alertClassification determination:alertDetermination serviceSource:serviceSource! \
         detectionSource:detectionSource productName:String detectorId:String tenantId:String title:String \
         description:String recommendedActions:String category:String categories:[String] assignedTo:String \
         alertWebUrl:String incidentWebUrl:String actorDisplayName:String threatDisplayName:String \
         threatFamilyName:String mitreTechniques:[String] createdDateTime:DateTimeOffset \
         lastUpdateDateTime:DateTimeOffset resolvedDateTime:DateTimeOffset firstActivityDateTime:DateTimeOffset \
         lastActivityDateTime:DateTimeOffset systemTags:[String] alertPolicyId:String \
         investigationState:investigationState comments:[alertComment] customDetails:dictionary \
         evidence:[alertEvidence] additionalData:dictionary",
    ),
    entity(
        "incident",
        "id:String! tenantId:String status:incidentStatus! incidentWebUrl:String redirectIncidentId:String \
         displayName:String createdDateTime:DateTimeOffset lastUpdateDateTime:DateTimeOffset assignedTo:String \
         classification:alertClassification determination:alertDetermination severity:alertSeverity \
         customTags:[String] systemTags:[String] description:String lastModifiedBy:String resolvingComment:String \
         summary:String priorityScore:Int32 comments:[alertComment] alerts:>alert",
    ),
    complex("alertComment", "comment:String createdByDisplayName:String createdDateTime:DateTimeOffset!"),
    complex("dictionary", ""),
    complex(
        "alertEvidence",
        "createdDateTime:DateTimeOffset! verdict:evidenceVerdict! remediationStatus:evidenceRemediationStatus! \
         remediationStatusDetails:String roles:[evidenceRole]! detailedRoles:[String] tags:[String]",
    ),
    evidence(
        "deviceEvidence",
        "firstSeenDateTime:DateTimeOffset mdeDeviceId:String azureAdDeviceId:String deviceDnsName:String \
         hostName:String ntDomain:String dnsDomain:String osPlatform:String osBuild:Int64 version:String \
         healthStatus:deviceHealthStatus riskScore:deviceRiskScore rbacGroupId:Int32 rbacGroupName:String \
         onboardingStatus:onboardingStatus defenderAvStatus:defenderAvStatus lastIpAddress:String \
         lastExternalIpAddress:String ipInterfaces:[String] vmMetadata:vmMetadata loggedOnUsers:[loggedOnUser] \
         resourceAccessEvents:[resourceAccessEvent]",
    ),
    evidence("ipEvidence", "ipAddress:String countryLetterCode:String location:geoLocation stream:stream"),
    evidence("urlEvidence", "url:String"),
    evidence("fileEvidence", "detectionStatus:detectionStatus mdeDeviceId:String fileDetails:fileDetails"),
    evidence(
        "processEvidence",
        "processId:Int64 parentProcessId:Int64 processCommandLine:String processCreationDateTime:DateTimeOffset \
         parentProcessCreationDateTime:DateTimeOffset detectionStatus:detectionStatus mdeDeviceId:String \
         imageFile:fileDetails parentProcessImageFile:fileDetails userAccount:userAccount",
    ),
    evidence(
        "dnsEvidence",
        "domainName:String dnsServerIp:ipEvidence hostIpAddress:ipEvidence ipAddresses:[ipEvidence]",
    ),
    evidence("userEvidence", "userAccount:userAccount stream:stream"),
    evidence("mailboxEvidence", "displayName:String primaryAddress:String upn:String userAccount:userAccount"),
    evidence(
        "analyzedMessageEvidence",
        "networkMessageId:String internetMessageId:String subject:String language:String senderIp:String \
         recipientEmailAddress:String antiSpamDirection:String deliveryAction:String deliveryLocation:String urn:String \
         threats:[String] threatDetectionMethods:[String] urls:[String] urlCount:Int64 attachmentsCount:Int64 \
         receivedDateTime:DateTimeOffset p1Sender:emailSender p2Sender:emailSender",
    ),
    evidence("registryKeyEvidence", "registryKey:String registryHive:String"),
    evidence(
        "registryValueEvidence",
        "mdeDeviceId:String registryKey:String registryHive:String registryValue:String registryValueName:String \
         registryValueType:String",
    ),
    evidence(
        "securityGroupEvidence",
        "activeDirectoryObjectGuid:Guid displayName:String distinguishedName:String friendlyName:String \
         securityGroupId:String sid:String",
    ),
    evidence(
        "cloudApplicationEvidence",
        "appId:Int64 displayName:String instanceId:Int64 instanceName:String saasAppId:Int64 stream:stream",
    ),
    evidence(
        "mailClusterEvidence",
        "clusterBy:String clusterByValue:String emailCount:Int64 networkMessageIds:[String] query:String urn:String",
    ),
    evidence("oauthApplicationEvidence", "appId:String displayName:String objectId:String publisher:String"),
    evidence("azureResourceEvidence", "resourceId:String resourceName:String resourceType:String"),
    evidence(
        "amazonResourceEvidence",
        "amazonAccountId:String amazonResourceId:String resourceName:String resourceType:String",
    ),
    evidence(
        "googleCloudResourceEvidence",
        "fullResourceName:String location:String locationType:googleCloudLocationType projectId:String projectNumber:Int64 \
         resourceName:String resourceType:String",
    ),
    complex(
        "fileDetails",
        "sha1:String sha256:String md5:String sha256Ac:String fileName:String filePath:String fileSize:Int64 \
         filePublisher:String signer:String issuer:String",
    ),
    complex(
        "userAccount",
        "accountName:String domainName:String userSid:String azureAdUserId:String userPrincipalName:String \
         displayName:String activeDirectoryObjectGuid:Guid tenantId:String resourceAccessEvents:[resourceAccessEvent]",
    ),
    complex("loggedOnUser", "accountName:String domainName:String"),
    complex("vmMetadata", "vmId:String cloudProvider:vmCloudProvider resourceId:String subscriptionId:String"),
    complex("geoLocation", "city:String countryName:String latitude:Double longitude:Double state:String"),
    complex("stream", "name:String"),
    complex(
        "resourceAccessEvent",
        "accessDateTime:DateTimeOffset accountId:String ipAddress:String resourceIdentifier:String",
    ),
    complex("emailSender", "emailAddress:String displayName:String domainName:String"),
    complex("huntingQueryResults", "schema:[singlePropertySchema] results:[huntingRowResult]"),
    complex("singlePropertySchema", "name:String type:String"),
    complex("huntingRowResult", ""),
];

/// What there is in beta only.
static BETA_TYPES: &[Published] = &[
    entity("rulesRoot", "id:String! detectionRules:>detectionRule"),
    entity(
        "detectionRule",
        "id:String! displayName:String! description:String status:detectionRuleStatus! createdBy:String \
         createdDateTime:DateTimeOffset lastModifiedBy:String lastModifiedDateTime:DateTimeOffset \
         queryCondition:queryCondition schedule:ruleSchedule detectionAction:detectionAction",
    ),
    complex("queryCondition", "queryText:String"),
    complex("ruleSchedule", "frequency:Duration lookback:Duration"),
    complex(
        "detectionAction",
        "alertTemplate:alertTemplate automatedActions:automatedActionSet organizationalScope:organizationalScope",
    ),
    complex(
        "alertTemplate",
        "title:String description:String severity:alertSeverity recommendedActions:String tactics:[mitreTactic] \
         entityMappings:entityMappings customDetails:dictionary",
    ),
    complex("mitreTactic", "tactic:String techniques:[mitreTechnique]"),
    complex("mitreTechnique", "technique:String subTechniques:[String]"),
    complex("entityMappings", ""),
    complex("automatedActionSet", ""),
    complex("organizationalScope", "scopeType:String deviceGroups:[String]"),
];

/// Enumerations whose members nothing else here needs.
const OTHERS: [(&str, &str); 11] = [
    (
        "investigationState",
        "unknown terminated successfullyRemediated benign failed partiallyRemediated running pendingApproval \
         pendingResource queued innerFailure preexistingAlert unsupportedOs unsupportedAlertType suppressedAlert \
         partiallyInvestigated terminatedByUser terminatedBySystem unknownFutureValue",
    ),
    ("evidenceVerdict", "unknown suspicious malicious noThreatsFound unknownFutureValue"),
    (
        "evidenceRole",
        "unknown contextual scanned source destination created added compromised edited attacked attacker \
         commandAndControl loaded suspicious policyViolator unknownFutureValue",
    ),
    (
        "deviceHealthStatus",
        "active inactive impairedCommunication noSensorData noSensorDataImpairedCommunication unknown unknownFutureValue",
    ),
    ("deviceRiskScore", "none informational low medium high unknownFutureValue"),
    ("onboardingStatus", "insufficientInfo onboarded canBeOnboarded unsupported unknownFutureValue"),
    ("defenderAvStatus", "notReporting disabled notUpdated updated unknown notSupported unknownFutureValue"),
    ("detectionStatus", "detected blocked prevented unknownFutureValue"),
    ("vmCloudProvider", "unknown azure unknownFutureValue"),
    ("googleCloudLocationType", "unknown regional zonal global unknownFutureValue"),
    ("detectionRuleStatus", "enabled disabled autoDisabled unknownFutureValue"),
];

const ENUMERATIONS: [&Enumeration; 8] = [
    &STATUS,
    &SEVERITY,
    &CLASSIFICATION,
    &DETERMINATION,
    &DETECTION_SOURCE,
    &SERVICE_SOURCE,
    &REMEDIATION,
    &INCIDENT_STATUS,
];

const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

/// The description of a version.
pub(super) fn document(version: Version) -> Answer {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n  <edmx:DataServices>\n    \
         <Schema Namespace=\"microsoft.graph\" xmlns=\"{EDM}\">\n"
    );
    let beta = version == Version::Beta;
    let rules = if beta { " rules:>>rulesRoot" } else { "" };
    let members = format!("id:String! alerts_v2:>alert incidents:>incident{rules}");
    structure(&mut xml, "EntityType", "security", "", &members);
    xml.push_str(
        "      <EntityContainer Name=\"GraphService\">\n        \
         <Singleton Name=\"security\" Type=\"microsoft.graph.security\" />\n      </EntityContainer>\n    </Schema>\n",
    );
    let _ = writeln!(xml, "    <Schema Namespace=\"microsoft.graph.security\" xmlns=\"{EDM}\">");
    for enumeration in ENUMERATIONS {
        enumerated(&mut xml, local(enumeration.name), enumeration.members.iter().copied());
    }
    for (name, members) in OTHERS {
        enumerated(&mut xml, name, members.split_whitespace());
    }
    for published in TYPES.iter().chain(BETA_TYPES.iter().filter(|_| beta)) {
        structure(&mut xml, published.kind, published.name, published.base, published.members);
    }
    xml.push_str(HUNTING);
    xml.push_str("    </Schema>\n  </edmx:DataServices>\n</edmx:Edmx>\n");
    Answer::of(200, "application/xml", xml.into_bytes()).with("odata-version", "4.0")
}

const HUNTING: &str = r#"      <Action Name="runHuntingQuery" IsBound="true">
        <Parameter Name="bindingParameter" Type="microsoft.graph.security" />
        <Parameter Name="query" Type="Edm.String" Nullable="false" Unicode="false" />
        <Parameter Name="timespan" Type="Edm.String" Unicode="false" />
        <ReturnType Type="microsoft.graph.security.huntingQueryResults" />
      </Action>
"#;

fn local(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn enumerated<'a>(xml: &mut String, name: &str, members: impl Iterator<Item = &'a str>) {
    let _ = writeln!(xml, "      <EnumType Name=\"{name}\">");
    for (number, member) in members.enumerate() {
        let _ = writeln!(xml, "        <Member Name=\"{member}\" Value=\"{number}\" />");
    }
    xml.push_str("      </EnumType>\n");
}

fn structure(xml: &mut String, kind: &str, name: &str, base: &str, members: &str) {
    let base = if base.is_empty() { String::new() } else { format!(" BaseType=\"{}\"", full(base)) };
    let open = if name == "dictionary" || members.is_empty() { " OpenType=\"true\"" } else { "" };
    let _ = writeln!(xml, "      <{kind} Name=\"{name}\"{base}{open}>");
    if kind == "EntityType" {
        xml.push_str("        <Key>\n          <PropertyRef Name=\"id\" />\n        </Key>\n");
    }
    for member in members.split_whitespace() {
        let (name, of) = member.split_once(':').unwrap_or((member, "String"));
        if let Some(one) = of.strip_prefix(">>") {
            let of = full(one);
            let _ =
                writeln!(xml, "        <NavigationProperty Name=\"{name}\" Type=\"{of}\" ContainsTarget=\"true\" />");
        } else if let Some(many) = of.strip_prefix('>') {
            let of = full(many);
            let _ = writeln!(
                xml,
                "        <NavigationProperty Name=\"{name}\" Type=\"Collection({of})\" ContainsTarget=\"true\" />"
            );
        } else {
            let nullable = if of.ends_with('!') { " Nullable=\"false\"" } else { "" };
            let of = of.trim_end_matches('!');
            let of = match of.strip_prefix('[').and_then(|of| of.strip_suffix(']')) {
                Some(item) => format!("Collection({})", full(item)),
                None => full(of),
            };
            let _ = writeln!(xml, "        <Property Name=\"{name}\" Type=\"{of}\"{nullable} />");
        }
    }
    let _ = writeln!(xml, "      </{kind}>");
}

fn full(name: &str) -> String {
    let primitive = name.starts_with(|first: char| first.is_ascii_uppercase());
    if primitive { format!("Edm.{name}") } else { format!("microsoft.graph.security.{name}") }
}

//! Every property of an indicator, in the documented order.

use crate::emulator::odata::{
    schema::{Dialect, Rules, Schema},
    value::Type,
};

static RULES: Rules = Rules::of(Dialect::Graph);

const TEXTS: Type = Type::Many(&Type::Text);

/// The properties, without the key.
pub(super) const PROPERTIES: &[(&str, Type)] = &[
    ("action", Type::Text),
    ("activityGroupNames", TEXTS),
    ("additionalInformation", Type::Text),
    ("azureTenantId", Type::Text),
    ("confidence", Type::Int),
    ("description", Type::Text),
    ("diamondModel", Type::Text),
    ("domainName", Type::Text),
    ("emailEncoding", Type::Text),
    ("emailLanguage", Type::Text),
    ("emailRecipient", Type::Text),
    ("emailSenderAddress", Type::Text),
    ("emailSenderName", Type::Text),
    ("emailSourceDomain", Type::Text),
    ("emailSourceIpAddress", Type::Text),
    ("emailSubject", Type::Text),
    ("emailXMailer", Type::Text),
    ("expirationDateTime", Type::Time),
    ("externalId", Type::Text),
    ("fileCompileDateTime", Type::Time),
    ("fileCreatedDateTime", Type::Time),
    ("fileHashType", Type::Text),
    ("fileHashValue", Type::Text),
    ("fileMutexName", Type::Text),
    ("fileName", Type::Text),
    ("filePacker", Type::Text),
    ("filePath", Type::Text),
    ("fileSize", Type::Int),
    ("fileType", Type::Text),
    ("ingestedDateTime", Type::Time),
    ("isActive", Type::Bool),
    ("killChain", TEXTS),
    ("knownFalsePositives", Type::Text),
    ("lastReportedDateTime", Type::Time),
    ("malwareFamilyNames", TEXTS),
    ("networkCidrBlock", Type::Text),
    ("networkDestinationAsn", Type::Int),
    ("networkDestinationCidrBlock", Type::Text),
    ("networkDestinationIPv4", Type::Text),
    ("networkDestinationIPv6", Type::Text),
    ("networkDestinationPort", Type::Int),
    ("networkIPv4", Type::Text),
    ("networkIPv6", Type::Text),
    ("networkPort", Type::Int),
    ("networkProtocol", Type::Int),
    ("networkSourceAsn", Type::Int),
    ("networkSourceCidrBlock", Type::Text),
    ("networkSourceIPv4", Type::Text),
    ("networkSourceIPv6", Type::Text),
    ("networkSourcePort", Type::Int),
    ("passiveOnly", Type::Bool),
    ("severity", Type::Int),
    ("tags", TEXTS),
    ("targetProduct", Type::Text),
    ("threatType", Type::Text),
    ("tlpLevel", Type::Text),
    ("url", Type::Text),
    ("userAgent", Type::Text),
];

/// The properties that are lists.
pub(super) const LISTS: [&str; 4] = ["activityGroupNames", "killChain", "malwareFamilyNames", "tags"];

/// What a query may name: all of it, as the page lists nothing.
pub(super) static INDICATOR: Schema = Schema::of("microsoft.graph.tiIndicator", PROPERTIES, &RULES);

//! Tables that hold nothing here: of devices what the emulated sensor does not report, and those of other products.

use crate::emulator::hunting::tables::Published;

pub(super) static ALL: &[Published] = &[
    Published {
        name: "DeviceRegistryEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType RegistryKey RegistryValueType RegistryValueName \
                  RegistryValueData PreviousRegistryKey PreviousRegistryValueName PreviousRegistryValueData \
                  InitiatingProcessAccountDomain InitiatingProcessAccountName InitiatingProcessAccountSid \
                  InitiatingProcessAccountUpn InitiatingProcessAccountObjectId InitiatingProcessSHA1 \
                  InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName \
                  InitiatingProcessFileSize:long InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessId:long InitiatingProcessCommandLine \
                  InitiatingProcessCreationTime:datetime InitiatingProcessFolderPath InitiatingProcessParentId:long \
                  InitiatingProcessParentFileName InitiatingProcessParentCreationTime:datetime \
                  InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation ReportId:long AppGuardContainerId \
                  InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool \
                  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP",
    },
    Published {
        name: "DeviceLogonEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType LogonType AccountDomain AccountName AccountSid \
                  Protocol FailureReason IsLocalAdmin:bool LogonId:long RemoteDeviceName RemoteIP RemoteIPType \
                  RemotePort:int InitiatingProcessAccountDomain InitiatingProcessAccountName \
                  InitiatingProcessAccountSid InitiatingProcessAccountUpn InitiatingProcessAccountObjectId \
                  InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation InitiatingProcessSHA1 \
                  InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName \
                  InitiatingProcessFileSize:long InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessId:long InitiatingProcessCommandLine \
                  InitiatingProcessCreationTime:datetime InitiatingProcessFolderPath InitiatingProcessParentId:long \
                  InitiatingProcessParentFileName InitiatingProcessParentCreationTime:datetime ReportId:long \
                  AppGuardContainerId AdditionalFields InitiatingProcessSessionId:long \
                  IsInitiatingProcessRemoteSession:bool InitiatingProcessRemoteSessionDeviceName \
                  InitiatingProcessRemoteSessionIP",
    },
    Published {
        name: "DeviceImageLoadEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 MD5 \
                  FileSize:long InitiatingProcessAccountDomain InitiatingProcessAccountName \
                  InitiatingProcessAccountSid InitiatingProcessAccountUpn InitiatingProcessAccountObjectId \
                  InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation InitiatingProcessSHA1 \
                  InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName \
                  InitiatingProcessFileSize:long InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessId:long InitiatingProcessCommandLine \
                  InitiatingProcessCreationTime:datetime InitiatingProcessFolderPath InitiatingProcessParentId:long \
                  InitiatingProcessParentFileName InitiatingProcessParentCreationTime:datetime ReportId:long \
                  AppGuardContainerId",
    },
    Published {
        name: "EmailEvents",
        columns: "Timestamp:datetime NetworkMessageId InternetMessageId SenderMailFromAddress SenderFromAddress \
                  SenderDisplayName SenderObjectId SenderMailFromDomain SenderFromDomain SenderIPv4 SenderIPv6 \
                  RecipientEmailAddress RecipientObjectId Subject EmailClusterId:long EmailDirection DeliveryAction \
                  DeliveryLocation ThreatTypes ThreatNames DetectionMethods ConfidenceLevel BulkComplaintLevel:int \
                  EmailAction EmailActionPolicy EmailActionPolicyGuid AuthenticationDetails AttachmentCount:int \
                  UrlCount:int EmailLanguage Connectors OrgLevelAction OrgLevelPolicy UserLevelAction \
                  UserLevelPolicy ReportId AdditionalFields LatestDeliveryLocation LatestDeliveryAction",
    },
    Published {
        name: "EmailUrlInfo",
        columns: "Timestamp:datetime NetworkMessageId Url UrlDomain UrlLocation ReportId",
    },
    Published {
        name: "EmailAttachmentInfo",
        columns: "Timestamp:datetime NetworkMessageId SenderFromAddress SenderDisplayName SenderObjectId \
                  RecipientEmailAddress RecipientObjectId FileName FileType SHA256 FileSize:long ThreatTypes \
                  ThreatNames DetectionMethods ReportId",
    },
    Published {
        name: "UrlClickEvents",
        columns: "Timestamp:datetime Url ActionType AccountUpn Workload NetworkMessageId ThreatTypes \
                  DetectionMethods IPAddress IsClickedThrough:bool UrlChain ReportId",
    },
    Published {
        name: "CloudAppEvents",
        columns: "Timestamp:datetime ActionType Application ApplicationId:int AppInstanceId:int AccountObjectId \
                  AccountId AccountDisplayName IsAdminOperation:bool DeviceType OSPlatform IPAddress \
                  IsAnonymousProxy:bool CountryCode City Isp UserAgent ActivityType ActivityObjects:dynamic \
                  ObjectName ObjectType ObjectId ReportId AccountType IsExternalUser:bool IsImpersonated:bool \
                  IPTags:dynamic IPCategory UserAgentTags:dynamic RawEventData:dynamic AdditionalFields:dynamic \
                  LastSeenForUser:dynamic UncommonForUser:dynamic AuditSource SessionData:dynamic OAuthAppId",
    },
    Published {
        name: "IdentityLogonEvents",
        columns: "Timestamp:datetime ActionType Application LogonType Protocol FailureReason AccountName \
                  AccountDomain AccountUpn AccountSid AccountObjectId AccountDisplayName DeviceName DeviceType \
                  OSPlatform IPAddress Port:int DestinationDeviceName DestinationIPAddress DestinationPort:int \
                  TargetDeviceName TargetAccountDisplayName Location Isp ReportId AdditionalFields:dynamic",
    },
    // Of these four only the columns that rules and hunters name most, from memory of the reference (unsure).
    Published {
        name: "DeviceFileCertificateInfo",
        columns: "Timestamp:datetime DeviceId DeviceName SHA1 IsSigned:bool SignatureType Signer SignerHash Issuer \
                  IssuerHash CertificateSerialNumber IsTrusted:bool IsRootSignerMicrosoft:bool ReportId:long",
    },
    Published {
        name: "EmailPostDeliveryEvents",
        columns: "Timestamp:datetime NetworkMessageId InternetMessageId Action ActionType ActionTrigger ActionResult \
                  RecipientEmailAddress DeliveryLocation ReportId",
    },
    Published {
        name: "IdentityDirectoryEvents",
        columns: "Timestamp:datetime ActionType Application TargetAccountUpn TargetAccountDisplayName \
                  TargetDeviceName DestinationDeviceName DestinationIPAddress DestinationPort Protocol AccountName \
                  AccountDomain AccountUpn AccountSid AccountObjectId AccountDisplayName DeviceName IPAddress Port \
                  Location Isp ReportId AdditionalFields:dynamic",
    },
    Published {
        name: "IdentityQueryEvents",
        columns: "Timestamp:datetime ActionType Application QueryType QueryTarget Query Protocol AccountName \
                  AccountDomain AccountUpn AccountSid AccountObjectId AccountDisplayName DeviceName IPAddress Port \
                  DestinationDeviceName DestinationIPAddress DestinationPort TargetDeviceName TargetAccountUpn \
                  TargetAccountDisplayName Location ReportId AdditionalFields:dynamic",
    },
];

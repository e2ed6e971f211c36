//! The tables of devices and of alerts.

use crate::emulator::hunting::tables::Published;

pub(super) static ALL: &[Published] = &[
    Published {
        name: "DeviceNetworkEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType RemoteIP RemotePort:int RemoteUrl LocalIP LocalPort:int \
                  Protocol LocalIPType RemoteIPType InitiatingProcessSHA1 InitiatingProcessSHA256 InitiatingProcessMD5 \
                  InitiatingProcessFileName InitiatingProcessFileSize:long InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessId:long InitiatingProcessCommandLine \
                  InitiatingProcessCreationTime:datetime InitiatingProcessFolderPath InitiatingProcessParentFileName \
                  InitiatingProcessParentId:long InitiatingProcessParentCreationTime:datetime \
                  InitiatingProcessAccountDomain InitiatingProcessAccountName InitiatingProcessAccountSid \
                  InitiatingProcessAccountUpn InitiatingProcessAccountObjectId InitiatingProcessIntegrityLevel \
                  InitiatingProcessTokenElevation ReportId:long AppGuardContainerId AdditionalFields \
                  InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool \
                  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP",
    },
    Published {
        name: "DeviceEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 MD5 FileSize:long \
                  AccountDomain AccountName AccountSid RemoteUrl RemoteDeviceName ProcessId:long ProcessCommandLine \
                  ProcessCreationTime:datetime ProcessTokenElevation LogonId:long RegistryKey RegistryValueName \
                  RegistryValueData RemoteIP RemotePort:int LocalIP LocalPort:int FileOriginUrl FileOriginIP \
                  InitiatingProcessSHA1 InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName \
                  InitiatingProcessFileSize:long InitiatingProcessFolderPath InitiatingProcessId:long \
                  InitiatingProcessCommandLine InitiatingProcessCreationTime:datetime InitiatingProcessAccountDomain \
                  InitiatingProcessAccountName InitiatingProcessAccountSid InitiatingProcessAccountUpn \
                  InitiatingProcessAccountObjectId InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessParentId:long \
                  InitiatingProcessParentFileName InitiatingProcessParentCreationTime:datetime \
                  InitiatingProcessLogonId:long ReportId:long AppGuardContainerId AdditionalFields \
                  InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool \
                  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP CreatedProcessSessionId:long \
                  IsProcessRemoteSession:bool ProcessRemoteSessionDeviceName ProcessRemoteSessionIP",
    },
    Published {
        name: "DeviceFileEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 MD5 FileOriginUrl \
                  FileOriginReferrerUrl FileOriginIP PreviousFolderPath PreviousFileName FileSize:long \
                  InitiatingProcessAccountDomain InitiatingProcessAccountName InitiatingProcessAccountSid \
                  InitiatingProcessAccountUpn InitiatingProcessAccountObjectId InitiatingProcessMD5 \
                  InitiatingProcessSHA1 InitiatingProcessSHA256 InitiatingProcessFolderPath InitiatingProcessFileName \
                  InitiatingProcessFileSize:long InitiatingProcessVersionInfoCompanyName \
                  InitiatingProcessVersionInfoProductName InitiatingProcessVersionInfoProductVersion \
                  InitiatingProcessVersionInfoInternalFileName InitiatingProcessVersionInfoOriginalFileName \
                  InitiatingProcessVersionInfoFileDescription InitiatingProcessId:long InitiatingProcessCommandLine \
                  InitiatingProcessCreationTime:datetime InitiatingProcessIntegrityLevel \
                  InitiatingProcessTokenElevation InitiatingProcessParentId:long InitiatingProcessParentFileName \
                  InitiatingProcessParentCreationTime:datetime RequestProtocol RequestSourceIP RequestSourcePort:int \
                  RequestAccountName RequestAccountDomain RequestAccountSid ShareName SensitivityLabel \
                  SensitivitySubLabel IsAzureInfoProtectionApplied:bool ReportId:long AppGuardContainerId \
                  AdditionalFields InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool \
                  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP",
    },
    // The last seven are of the reference of September 2024 for the tables beside it, and were recorded from this one.
    Published {
        name: "DeviceProcessEvents",
        columns: "Timestamp:datetime DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 MD5 FileSize:long \
                  ProcessVersionInfoCompanyName ProcessVersionInfoProductName ProcessVersionInfoProductVersion \
                  ProcessVersionInfoInternalFileName ProcessVersionInfoOriginalFileName ProcessVersionInfoFileDescription \
                  ProcessId:long ProcessCommandLine ProcessIntegrityLevel ProcessTokenElevation \
                  ProcessCreationTime:datetime AccountDomain AccountName AccountSid AccountUpn AccountObjectId \
                  LogonId:long InitiatingProcessAccountDomain InitiatingProcessAccountName InitiatingProcessAccountSid \
                  InitiatingProcessAccountUpn InitiatingProcessAccountObjectId InitiatingProcessLogonId:long \
                  InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation InitiatingProcessSHA1 \
                  InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName InitiatingProcessFileSize:long \
                  InitiatingProcessVersionInfoCompanyName InitiatingProcessVersionInfoProductName \
                  InitiatingProcessVersionInfoProductVersion InitiatingProcessVersionInfoInternalFileName \
                  InitiatingProcessVersionInfoOriginalFileName InitiatingProcessVersionInfoFileDescription \
                  InitiatingProcessId:long InitiatingProcessCommandLine InitiatingProcessCreationTime:datetime \
                  InitiatingProcessFolderPath InitiatingProcessParentId:long InitiatingProcessParentFileName \
                  InitiatingProcessParentCreationTime:datetime InitiatingProcessSignerType \
                  InitiatingProcessSignatureStatus ReportId:long AppGuardContainerId AdditionalFields \
                  InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool \
                  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP CreatedProcessSessionId:long \
                  IsProcessRemoteSession:bool ProcessRemoteSessionDeviceName ProcessRemoteSessionIP",
    },
    Published {
        name: "DeviceInfo",
        columns: "Timestamp:datetime DeviceId DeviceName ClientVersion PublicIP OSArchitecture OSPlatform OSBuild:long \
                  IsAzureADJoined:bool JoinType AadDeviceId LoggedOnUsers RegistryDeviceTag OSVersion MachineGroup \
                  ReportId:long OnboardingStatus AdditionalFields DeviceCategory DeviceType DeviceSubtype Model Vendor \
                  OSDistribution OSVersionInfo MergedDeviceIds MergedToDeviceId IsInternetFacing:bool SensorHealthState \
                  IsExcluded:bool ExclusionReason ExposureLevel AssetValue DeviceManualTags DeviceDynamicTags \
                  ConnectivityType HostDeviceId",
    },
    Published {
        name: "DeviceNetworkInfo",
        columns: "Timestamp:datetime DeviceId DeviceName NetworkAdapterName MacAddress NetworkAdapterType \
                  NetworkAdapterStatus TunnelType ConnectedNetworks DnsAddresses IPv4Dhcp IPv6Dhcp DefaultGateways \
                  IPAddresses ReportId:long NetworkAdapterVendor",
    },
    Published {
        name: "AlertInfo",
        columns: "Timestamp:datetime AlertId Title Category Severity ServiceSource DetectionSource AttackTechniques",
    },
    Published {
        name: "AlertEvidence",
        columns: "Timestamp:datetime AlertId Title Categories AttackTechniques ServiceSource DetectionSource EntityType \
                  EvidenceRole EvidenceDirection FileName FolderPath SHA1 SHA256 FileSize:long ThreatFamily RemoteIP \
                  RemoteUrl AccountName AccountDomain AccountSid AccountObjectId AccountUpn DeviceId DeviceName LocalIP \
                  NetworkMessageId EmailSubject Application ApplicationId:int OAuthApplicationId ProcessCommandLine \
                  RegistryKey RegistryValueName RegistryValueData AdditionalFields Severity CloudResource CloudPlatform \
                  ResourceType ResourceID SubscriptionId",
    },
];

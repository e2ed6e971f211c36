@endpoint @graph
Feature: Telemetry
  What the device did arrives in the tenant, alert or no alert: hunting for it tells a detection that is missing from a
  sensor that is.

  Scenario: A contact is found by hunting
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then the device's telemetry shows it within 10 minutes
    And an alert is raised within 30 minutes

  @controls
  Scenario: A file is found by hunting
    Given an onboarded device
    And an alert definition and an indicator are in effect
      | type  | Sha256   |
      | value | {sha256} |
    When the device runs the drill's file
    Then the device's telemetry shows it within 10 minutes
    And an alert is raised within 30 minutes

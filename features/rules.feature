@graph
Feature: Life of a detection rule
  An alert definition is a detection rule here: it is read back, changed, switched off and removed, and its name is kept
  from others for a while after that.

  Scenario: A rule is held as published, and as changed
    Given an alert definition and an indicator are published
      | type  | IpAddress     |
      | value | 52.184.197.12 |
    Then the tenant holds the alert definition as published
    And the tenant holds the indicator as published
    When the alert definition is changed
      | title    | Changed {marker} |
      | severity | High             |
    Then the tenant holds the alert definition as published

  Scenario: A rule that is switched off raises nothing until it is switched on again
    Given an onboarded device
    And a control is published
    And an alert definition and an indicator are in effect
    And the alert definition is changed
      | enabled | no |
    And everything published is in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised
    When the alert definition is changed
      | enabled | yes |
    And everything published is in effect
    And the device contacts the indicator's address
    Then an alert is raised within 15 minutes

  Scenario: A removed rule raises nothing, though the service lists it on
    Given an onboarded device
    And a control is published
    And an alert definition and an indicator are in effect
    When the alert definition is removed
    And everything published is in effect
    And the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised
    And the tenant holds the alert definition no more

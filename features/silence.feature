Feature: Silence
  What should not raise an alert does not, and the control on the same device shows that the silence means something.

  Background:
    Given an onboarded device
    And a control is published

  Scenario: Another address
    Given an alert definition and an indicator are in effect
    When the device contacts "another-{marker}.alertdrill.example"
    And the device contacts the control's address
    Then no alert is raised

  Scenario: Another address, for as long as is said
    Given an alert definition and an indicator are in effect
    When the device contacts "another-{marker}.alertdrill.example"
    And the device contacts the control's address
    Then no alert is raised within 3 hours

  Scenario: A disabled alert definition
    Given an alert definition is published
      | enabled | no |
    And an indicator is published under it
    And everything published is in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: A disabled indicator
    Given an alert definition and an indicator are in effect
      | enabled | no |
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: An alert definition that is disabled after it was in effect
    Given an alert definition and an indicator are in effect
    And the alert definition is changed
      | enabled | no |
    And everything published is in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  @controls
  Scenario: An expired indicator
    Given an alert definition and an indicator are in effect
      | expires in | 30 minutes |
    When 40 minutes pass
    And the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: A removed indicator
    Given an alert definition and an indicator are in effect
    And the indicator is removed
    And everything published is in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: A removed alert definition
    Given an alert definition and an indicator are in effect
    And the alert definition is removed
    And everything published is in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  @controls
  Scenario: A device that is not onboarded
    Given an onboarded device of the drill's own
    And an alert definition and an indicator are in effect
    And the device is offboarded
    When the device contacts the indicator's address
    And the device is onboarded again
    And the device contacts the control's address
    Then no alert is raised

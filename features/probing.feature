Feature: Propagation, probed
  The device does the same again and again until its alert is seen: so how long it takes until what is published is in
  effect, and how long from then until the alert, are two numbers, and nobody waits longer than need be.

  Scenario: An alert is raised as soon as the indicator is in effect
    Given an onboarded device
    And an alert definition and an indicator are published
    When the device contacts the indicator's address until an alert is seen
    Then an alert is raised within 30 minutes
    And the alert says what its definition says
    And it is the only alert

  @exclusive @controls
  Scenario Outline: What takes effect after <propagation> is found then
    Given propagation takes exactly <propagation>
    And detection takes exactly 3 minutes
    And an onboarded device
    And an alert definition and an indicator are published
    When the device contacts the indicator's address until an alert is seen
    Then an alert is raised within 5 minutes
    And the alert names the device and the indicator
    And it is the only alert

    Examples:
      | propagation |
      | 1 second    |
      | 10 minutes  |
      | 19 minutes  |

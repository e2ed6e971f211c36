# The first drills: what is on the list raises its alert, and what is not stays silent.
#
# They pass on the emulator as they stand. On a tenant something must answer at each address, for a connection that is never
# made raises nothing: put in the place of alertdrill.example a domain of yours of which every name leads to a web server.
Feature: A domain on the list
  A domain of the drill's own goes on the list, and the device contacts it.

  Scenario: A listed domain raises its alert
    Given an onboarded device
    When an alert definition is published
      | title | First drill {marker} |
    And an indicator is published under it
      | type  | DomainName                  |
      | value | {marker}.alertdrill.example |
    And the device contacts the indicator's address until an alert is seen
    Then the alert documented for this action is raised within 30 minutes
    And the alert names the device and the indicator
    And it is the only alert

  # Silence proves something only beside a control that fired on the same device.
  Scenario: Its neighbour raises none
    Given an onboarded device
    And a control is published
      | type  | DomainName                          |
      | value | control-{marker}.alertdrill.example |
    And an alert definition and an indicator are in effect
      | type  | DomainName                  |
      | value | {marker}.alertdrill.example |
    When the device contacts "beside-{marker}.alertdrill.example"
    And the device contacts the control's address
    Then no alert is raised

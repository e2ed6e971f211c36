Feature: Expectations
  What can be demanded of an alert: its fields by equality, pattern and set, what its evidence names, and how many come. Each can fail, and
  says how.

  Background:
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address

  @legacy @graph
  Scenario: Fields by equality, pattern and set
    Then an alert is raised within 30 minutes
    And the alert shows
      | title       | matches   | ^Alert drill [a-z0-9]{8}$ |
      | title       | is        | Alert drill {marker}      |
      | severity    | is one of | High, Medium              |
      | description | contains  | {marker}                  |
      | device      | is        | {device}                  |
      | indicator   | is        | {indicator}               |

  @endpoint
  Scenario: Fields of which the service has a word of its own
    Then an alert is raised within 30 minutes
    And the alert shows
      | title     | is one of | Alert drill {marker}, Connection to a custom network indicator |
      | severity  | is one of | Medium, Informational                                          |
      | source    | matches   | (?i)^customerti$                                               |
      | indicator | is        | {indicator}                                                    |

  Scenario: What the evidence names
    Then an alert is raised within 30 minutes
    And the alert's evidence names
      | domain | {indicator} |
      | device | {device}    |

  @endpoint
  Scenario: The page that was asked for is evidence as well
    Then an alert is raised within 30 minutes
    And the alert's evidence names
      | url | http://{indicator}/ |

  Scenario Outline: <demanded>
    Then <demanded>

    Examples:
      | demanded                                     |
      | exactly 1 alert is raised                    |
      | exactly 1 alert is raised within 30 minutes  |
      | at least 1 alert is raised                   |
      | at most 2 alerts are raised within 2 hours   |

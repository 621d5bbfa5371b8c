#!/bin/sh
echo ${HOME} ${self:custom.text}
